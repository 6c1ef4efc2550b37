package io.tidegate.bus;

import java.util.function.LongSupplier;

/**
 * How many retries whoever is asked may get: a share of the requests plus a few a second, so that
 * retries can't multiply the load on one that is failing because of its load. Safe from any thread.
 */
public final class RetryBudget {
  private static final double MOST_EARNED = 100;

  private final double share;
  private final int perSecond;
  private final LongSupplier nanoClock;
  private double earned;
  private double reserve;
  private long refilledAt;

  /**
   * @param share retries each request earns, 0.2 for one in five
   * @param perSecond retries there are in each second besides, where there is little traffic
   */
  public RetryBudget(double share, int perSecond, LongSupplier nanoClock) {
    this.share = share;
    this.perSecond = perSecond;
    this.nanoClock = nanoClock;
    this.reserve = perSecond;
    this.refilledAt = nanoClock.getAsLong();
  }

  /** A request, not a retry, goes out. */
  public synchronized void request() {
    earned = Math.min(MOST_EARNED, earned + share);
  }

  /** Takes one retry, if there is one. */
  public synchronized boolean tryRetry() {
    if (earned >= 1) {
      earned--;
      return true;
    }
    long now = nanoClock.getAsLong();
    reserve = Math.min(perSecond, reserve + perSecond * (now - refilledAt) / 1e9);
    refilledAt = now;
    if (reserve >= 1) {
      reserve--;
      return true;
    }
    return false;
  }
}
