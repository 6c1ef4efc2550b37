package io.tidegate.chaos;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What is judged by time, and what that was without any fault in the same run. A time on a machine
 * that is busy with other things says nothing by itself: it is wrong when it is over its bar and
 * also more than {@link #TIMES} times what it was in the quiet stretch.
 *
 * @param quietP99Millis the 99th percentile of all nodes; null before it is known
 * @param quietOldestMillis the age of the oldest read
 */
record Bars(@Nullable Double quietP99Millis, double quietOldestMillis) {
  /** Before the quiet stretch. */
  static final Bars UNKNOWN = new Bars(null, 0);

  /**
   * How old a profile that is read may be: what was in Postgres so long before the read began, it
   * shows. What the projection has yet to write is not in Postgres.
   */
  static final Duration PROFILE_AGE = Duration.ofSeconds(2);

  /** The 99th percentile of the nodes that were not killed, while the killed ones are away. */
  static final double P99_MILLIS = 300;

  /** Of the limit, under steady traffic over it. */
  static final double LEAST_ADMITTED = 0.97;

  static final int TIMES = 3;

  boolean isTooSlow(double p99Millis) {
    return p99Millis > Math.max(P99_MILLIS, quietP99Millis == null ? 0 : TIMES * quietP99Millis);
  }

  boolean isTooOld(double oldestMillis) {
    return oldestMillis >= Math.max((double) PROFILE_AGE.toMillis(), TIMES * quietOldestMillis);
  }
}
