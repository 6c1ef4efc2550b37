package io.tidegate.routing;

import io.tidegate.bus.FailureException;
import io.tidegate.routing.Upstream.Choice;
import java.util.HashSet;
import java.util.Set;

/** Whom one request has asked already, and whether it may ask again. */
final class Retries {
  private final Outbound outbound;
  private final Upstream upstream;
  private final Set<Endpoint> tried = new HashSet<>(2);
  private int attempts;

  Retries(Outbound outbound, Upstream upstream) {
    this.outbound = outbound;
    this.upstream = upstream;
  }

  /**
   * Whom to ask next.
   *
   * @throws FailureException when there is nobody to ask
   */
  Choice next() {
    Choice choice = upstream.choose(outbound.balanceKey(), tried);
    attempts++;
    tried.add(choice.endpoint());
    return choice;
  }

  /** Whether another attempt can help after this failure, and is allowed; it is counted then. */
  boolean take(Blamed.Kind kind) {
    boolean harmless =
        switch (kind) {
          // Not a byte of the request has left, so this is no repetition whatever the method.
          case NOT_CONNECTED -> true;
          case BROKEN, STATUS -> outbound.isRepeatable();
          case TIMED_OUT, REFUSED_HERE -> false;
        };
    // A broken connection may have been a stale one, which the same endpoint can make good; else
    // only another can.
    boolean somebodyElse = kind == Blamed.Kind.BROKEN || tried.size() < upstream.endpoints().size();
    if (!harmless
        || !somebodyElse
        || attempts > upstream.settings().retry.attempts
        || outbound.request().response().closed()) {
      return false;
    }
    if (!upstream.budget().tryRetry()) {
      upstream.meters().retryRefused();
      return false;
    }
    upstream.meters().retry();
    return true;
  }
}
