package io.tidegate.edge;

import io.tidegate.bus.FailureException;
import io.tidegate.ratelimit.Caller;
import io.tidegate.ratelimit.Decision;
import io.tidegate.ratelimit.RateLimiter;
import io.vertx.core.Future;

/** What callers pay for their requests. One an event loop, used only there. */
final class Quota {
  private final RateLimiter limiter;

  Quota(RateLimiter limiter) {
    this.limiter = limiter;
  }

  /**
   * Takes a unit for a request, whose answer tells what is left.
   *
   * @return fails with {@link io.tidegate.bus.Failure#RATE_LIMITED}; may complete on another loop
   */
  Future<Decision> charge(Exchange exchange, Caller caller) {
    Decision inHand = limiter.tryAcquire(caller);
    if (inHand != null) {
      exchange.decided(inHand);
      return inHand.allowed()
          ? Future.succeededFuture(inHand)
          : Future.failedFuture(inHand.refusal());
    }
    Future<Decision> decision = limiter.acquire(caller, exchange.trace());
    if (!decision.isComplete()) {
      exchange.body().pause();
    }
    return decision.map(
        made -> {
          exchange.decided(made);
          return granted(made);
        });
  }

  /**
   * Takes a unit for more events than the first one of a publisher's call is for.
   *
   * @return fails with {@link io.tidegate.bus.Failure#RATE_LIMITED}; may complete on another loop
   */
  Future<Decision> chargeMore(Exchange exchange) {
    String address = exchange.peer().subjectOf(exchange.request().headers());
    Caller publisher = new Caller(exchange.writeKey(), null, address, Operations.PUBLISH.job());
    return decide(exchange, publisher).map(Quota::granted);
  }

  private Future<Decision> decide(Exchange exchange, Caller caller) {
    Decision inHand = limiter.tryAcquire(caller);
    return inHand == null
        ? limiter.acquire(caller, exchange.trace())
        : Future.succeededFuture(inHand);
  }

  /**
   * @throws FailureException the refusal
   */
  private static Decision granted(Decision made) {
    if (!made.allowed()) {
      throw made.refusal();
    }
    return made;
  }
}
