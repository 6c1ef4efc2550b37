package io.tidegate.load;

import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * How late the load generator itself is: an open loop is only open while users arrive when the plan
 * says. Safe from any thread.
 */
final class ArrivalClock {
  private static final int MOST_MILLIS = 60_000;
  private static final long UNSET = Long.MIN_VALUE;

  private final ArrivalPlan plan;
  private final AtomicLong begin = new AtomicLong(UNSET);
  private final AtomicLong arrivals = new AtomicLong();
  private final AtomicLongArray late = new AtomicLongArray(MOST_MILLIS + 1);

  ArrivalClock(ArrivalPlan plan) {
    this.plan = plan;
  }

  /**
   * Another user is here.
   *
   * @param now by {@link System#nanoTime}
   */
  void arrived(long now) {
    long arrival = arrivals.getAndIncrement();
    long due = plan.dueNanos(arrival);
    if (begin.get() == UNSET) {
      begin.compareAndSet(UNSET, now - due);
    }
    long millis = (now - begin.get() - due) / 1_000_000;
    late.incrementAndGet(Math.clamp(millis, 0, MOST_MILLIS));
  }

  long arrivals() {
    return arrivals.get();
  }

  /**
   * Milliseconds that this share of the arrivals was late at most; 0 before the first.
   *
   * @param share 0 to 1
   */
  long late(double share) {
    long wanted = (long) Math.ceil(share * arrivals.get());
    long seen = 0;
    for (int millis = 0; millis <= MOST_MILLIS; millis++) {
      seen += late.get(millis);
      if (seen >= wanted) {
        return millis;
      }
    }
    return MOST_MILLIS;
  }
}
