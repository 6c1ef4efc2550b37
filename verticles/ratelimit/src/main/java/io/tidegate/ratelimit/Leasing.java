package io.tidegate.ratelimit;

import io.tidegate.bus.Failure;
import io.tidegate.bus.Trace;
import io.tidegate.proto.ratelimit.LeaseReply;
import io.tidegate.proto.ratelimit.LeaseRequest;
import io.vertx.core.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.LongFunction;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** How one event loop's near side gets leases, and what it does while it gets none. */
final class Leasing {
  /** How long a request is held up while leases can't be had and none may be granted alone. */
  private static final long PATIENCE_NANOS = TimeUnit.MILLISECONDS.toNanos(3_000);

  /**
   * So long after leases stopped coming a request that this node's share refuses is held up and
   * asked for again: the share starts empty, and what looks like an outage may be a busy machine.
   */
  private static final long DOUBT_NANOS = TimeUnit.MILLISECONDS.toNanos(1_000);

  private static final long FIRST_PAUSE_MS = 50;
  private static final long PROBE_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

  private final LeaseSource farSide;
  private final RateLimits limits;
  private final LongSupplier nanoClock;
  private final @Nullable LongFunction<Future<Void>> pause;
  private long probeAt;

  /**
   * @param pause done after so many milliseconds; null: no request is held up
   */
  Leasing(
      LeaseSource farSide,
      RateLimits limits,
      LongSupplier nanoClock,
      @Nullable LongFunction<Future<Void>> pause) {
    this.farSide = farSide;
    this.limits = limits;
    this.nanoClock = nanoClock;
    this.pause = pause;
    this.probeAt = nanoClock.getAsLong();
  }

  /** Until when a request that begins now may be held up. */
  long patience() {
    return nanoClock.getAsLong() + PATIENCE_NANOS;
  }

  /**
   * The time before a lease is asked for again.
   *
   * @param attempts so many have failed
   */
  Future<Void> pause(int attempts) {
    return pause == null
        ? Future.succeededFuture()
        : pause.apply(FIRST_PAUSE_MS << Math.min(attempts - 1, 3));
  }

  /** Done when the other is, or when the time is up. */
  Future<?> noLonger(Future<?> than, long until) {
    if (pause == null || than.isComplete()) {
      return than;
    }
    long left = TimeUnit.NANOSECONDS.toMillis(until - nanoClock.getAsLong());
    return Future.any(than, pause.apply(Math.max(1, left)));
  }

  /**
   * Asks the far side; while that is lost, what this node may grant alone, trying the far side
   * behind its back now and then. Fails, to be asked again, while this node may grant nothing, or
   * its share has nothing to grant yet, and the request has time left: a late answer is better than
   * a refusal that nobody's limit explains.
   */
  Future<LeaseReply> lease(LeaseRequest request, Trace trace, long until) {
    long now = nanoClock.getAsLong();
    if (!limits.farSide().lost() || waits(until)) {
      return farSide
          .ask(request, trace)
          .map(reply -> LeaseSource.checked(request, reply))
          .onSuccess(reply -> probed(reply, now))
          .recover(
              cause -> {
                limits.farSide().begins(String.valueOf(cause.getMessage()), nanoClock.getAsLong());
                return waits(until) ? Future.failedFuture(cause) : instead(request, until);
              });
    }
    if (now - probeAt >= 0) {
      probeAt = now + PROBE_NANOS;
      farSide.ask(request, trace).onSuccess(reply -> probed(reply, now));
    }
    return instead(request, until);
  }

  private Future<LeaseReply> instead(LeaseRequest request, long until) {
    LeaseReply reply = limits.instead(request);
    return inDoubt(until)
            && reply.getLeasesList().stream().anyMatch(lease -> lease.getGranted() == 0)
        ? Future.failedFuture(Failure.STORE_UNAVAILABLE.because("no lease yet, and an empty share"))
        : Future.succeededFuture(reply);
  }

  private boolean waits(long until) {
    return hasTime(until) && !limits.mayShare();
  }

  private boolean inDoubt(long until) {
    return hasTime(until) && nanoClock.getAsLong() - limits.farSide().since() < DOUBT_NANOS;
  }

  private boolean hasTime(long until) {
    return pause != null && nanoClock.getAsLong() - until < 0;
  }

  private void probed(LeaseReply reply, long askedAt) {
    if (!limits.farSide().lost()) {
      return;
    }
    long took = nanoClock.getAsLong() - askedAt;
    if (!limits.mayShare()
        || reply.getLeasesList().stream()
            .allMatch(lease -> took < TimeUnit.MILLISECONDS.toNanos(lease.getValidMs()))) {
      limits.farSide().ends();
    }
  }
}
