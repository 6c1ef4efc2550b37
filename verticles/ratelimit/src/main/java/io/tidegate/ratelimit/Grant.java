package io.tidegate.ratelimit;

/**
 * What a ledger says to a wish for units.
 *
 * @param granted units, a multiple of the quota's cost
 * @param tat theoretical arrival time after that, microseconds on the ledger's clock
 * @param now the ledger's clock
 */
record Grant(long granted, long tat, long now) {
  /** Units that could be had on top, at once. */
  long remaining(Quota quota, long nodes) {
    return quota.units(now + quota.tolerance(nodes) - tat, nodes);
  }

  /** Until the quota is whole again. */
  long resetMicros() {
    return Math.max(0, tat - now);
  }

  /** Until one more request could be granted. */
  long retryMicros(Quota quota, long nodes) {
    return Math.max(0, tat + quota.micros(quota.cost(), nodes) - quota.tolerance(nodes) - now);
  }
}
