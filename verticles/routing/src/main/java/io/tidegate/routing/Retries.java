package io.tidegate.routing;

import io.tidegate.bus.FailureException;
import io.tidegate.routing.Upstream.Choice;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Whom one request has asked already, and whether it may ask again. */
final class Retries {
  private final Outbound outbound;
  private final Upstream upstream;
  private final Set<Endpoint> tried = new HashSet<>(2);
  private int attempts;
  // Chosen before the answer or failure in hand is given up for it.
  private @Nullable Choice taken;

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
    Choice choice = taken == null ? upstream.choose(outbound.balanceKey()) : taken;
    taken = null;
    attempts++;
    tried.add(choice.endpoint());
    return choice;
  }

  /**
   * Whether another attempt can help after this failure, and is allowed; it is counted then, and
   * {@link #next} gives whom to ask.
   */
  boolean take(Blamed.Kind kind) {
    boolean harmless =
        switch (kind) {
          // Not a byte of the request has left, so this is no repetition whatever the method.
          case NOT_CONNECTED -> true;
          case BROKEN, STATUS -> outbound.isRepeatable();
          case TIMED_OUT, REFUSED_HERE, NOT_SENDABLE -> false;
        };
    if (!harmless
        || attempts > upstream.settings().retry.attempts
        || outbound.request().response().closed()) {
      return false;
    }
    // A broken connection may have been a stale one, which the same endpoint can make good; else
    // only another can.
    Choice choice = upstream.chooseAgain(outbound.balanceKey(), tried, kind == Blamed.Kind.BROKEN);
    if (choice == null) {
      return false;
    }
    if (!upstream.budget().tryRetry()) {
      choice.endpoint().breaker().abandoned(choice.permit());
      upstream.meters().retryRefused();
      return false;
    }
    upstream.meters().retry();
    taken = choice;
    return true;
  }
}
