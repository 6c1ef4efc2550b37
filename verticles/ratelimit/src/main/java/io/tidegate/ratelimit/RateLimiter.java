package io.tidegate.ratelimit;

import io.micrometer.core.instrument.MeterRegistry;
import io.tidegate.bus.Bus;
import io.tidegate.bus.Trace;
import io.vertx.core.Future;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The near side of rate limiting: spends leased quota, and asks for more over the bus only when it
 * runs low. One an event loop; not safe from other threads.
 */
public final class RateLimiter {
  /**
   * @param nanoClock monotonic nanoseconds, {@link System#nanoTime} but in tests
   */
  public RateLimiter(Bus bus, RateLimits limits, LongSupplier nanoClock, MeterRegistry meters) {}

  /**
   * Decides on a request by the quota in hand: no network, no allocation.
   *
   * @return the decision, or null when quota has to be asked for first: call {@link #acquire}
   */
  public @Nullable Decision tryAcquire(Caller caller) {
    return Decision.UNLIMITED;
  }

  /**
   * Decides on a request. All policies that apply must grant; when one refuses, what the others
   * granted goes back to their leases.
   *
   * @return completed already when the quota in hand decides. Never fails because Redis or the far
   *     side is lost: then the node's own share decides, and the decision says {@link
   *     Decision#degraded}
   */
  public Future<Decision> acquire(Caller caller, Trace trace) {
    return Decision.UNLIMITED.future();
  }
}
