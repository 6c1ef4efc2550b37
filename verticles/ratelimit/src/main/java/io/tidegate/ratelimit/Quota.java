package io.tidegate.ratelimit;

/**
 * A rate in the integer arithmetic that the ledgers share: units to microseconds and back, exact.
 * GCRA (ITU-T I.371) keeps one number a subject, the theoretical arrival time (TAT); {@code n}
 * units move it by {@code n} emission intervals T = period / limit, and may do so while it stays
 * within the tolerance ahead of the clock.
 *
 * <p>Why the tolerance is what it is: docs/adr/0003-quota-leases.md.
 *
 * @param limit units a period
 * @param periodMicros the period
 * @param burst units at once after a quiet time
 * @param cost units a request
 * @param numerator of limit / period in lowest terms, units
 * @param denominator of limit / period in lowest terms, microseconds
 * @param leaseMicros how long a lease may be spent after it was asked for
 * @param toleranceMicros how far the TAT may run ahead of the clock
 */
record Quota(
    long limit,
    long periodMicros,
    long burst,
    long cost,
    long numerator,
    long denominator,
    long leaseMicros,
    long toleranceMicros) {
  static final long MIN_LEASE_MICROS = 10_000;
  static final long MAX_LEASE_MICROS = 2_000_000;

  /**
   * A lease's life comes out of the burst. Where that is small, each unit is a request that a
   * caller misses; where it is large, a longer life outlasts a far side that stutters.
   */
  private static final long LARGE_BURST = 1_000;

  private static final long MAX_SMALL_LEASE_MICROS = 400_000;

  /** Largest integer that a Lua number holds exactly together with all smaller ones. */
  static final long EXACT = 1L << 53;

  /** Two clocks that time the same lease may differ by 1 part in so many. */
  private static final long DRIFT = 100;

  static Quota of(long limit, long periodMicros, long burst, long cost) {
    long divisor = gcd(limit, periodMicros);
    long numerator = limit / divisor;
    long denominator = periodMicros / divisor;
    long burstMicros = burst * denominator / numerator;
    long most = burst >= LARGE_BURST ? MAX_LEASE_MICROS : MAX_SMALL_LEASE_MICROS;
    long lease = Math.clamp(burstMicros / 4, MIN_LEASE_MICROS, most);
    long late = lease + lease / DRIFT + 1;
    long tolerance =
        Math.min(
            Math.ceilDiv(burst * denominator, numerator),
            (burst + 1) * denominator / numerator - late);
    return new Quota(limit, periodMicros, burst, cost, numerator, denominator, lease, tolerance);
  }

  /** Whether all products of the script stay where a Lua number is exact. */
  static boolean isExact(long limit, long periodMicros, long burst) {
    long denominator = periodMicros / gcd(limit, periodMicros);
    return burst < EXACT / denominator;
  }

  /** Least burst that leaves room for leases. */
  static long leastBurst(long limit, long periodMicros, long cost) {
    return Math.max(
        cost, Math.ceilDiv(Math.multiplyExact(4 * MIN_LEASE_MICROS, limit), periodMicros));
  }

  /**
   * What so many units move the TAT by when {@code nodes} share the limit; rounded up, to admit too
   * little rather.
   */
  long micros(long units, long nodes) {
    return Math.ceilDiv(units * denominator * nodes, numerator);
  }

  /** Units that so many microseconds pay for when {@code nodes} share the limit; rounded down. */
  long units(long micros, long nodes) {
    return micros <= 0 ? 0 : micros * numerator / (denominator * nodes);
  }

  /** How far the TAT may run ahead when {@code nodes} share the limit; one request always fits. */
  long tolerance(long nodes) {
    return Math.max(toleranceMicros, micros(cost, nodes));
  }

  /** GCRA for up to so many units at once. The Redis script computes the same. */
  Grant take(long tat, long now, long units, long nodes) {
    long latest = now + tolerance(nodes);
    long from = Math.clamp(tat, now, latest);
    long granted = Math.min(units, units(latest - from, nodes));
    granted -= granted % cost;
    return new Grant(granted, from + micros(granted, nodes), now);
  }

  private static long gcd(long a, long b) {
    return b == 0 ? a : gcd(b, a % b);
  }
}
