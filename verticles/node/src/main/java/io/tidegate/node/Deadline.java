package io.tidegate.node;

import java.time.Duration;

/** A moment by which something must be over. */
final class Deadline {
  private final long at;

  private Deadline(long at) {
    this.at = at;
  }

  static Deadline after(Duration limit) {
    return new Deadline(System.nanoTime() + limit.toNanos());
  }

  /** The same moment, so much earlier: what comes afterwards needs that time. */
  Deadline before(Duration reserve) {
    return new Deadline(at - reserve.toNanos());
  }

  /**
   * The time left, at least a millisecond, so that what is about to be done already gets through.
   */
  Duration left() {
    return Duration.ofNanos(Math.max(1_000_000, at - System.nanoTime()));
  }

  /** The time left, but not more than this. */
  Duration left(Duration most) {
    Duration left = left();
    return left.compareTo(most) < 0 ? left : most;
  }
}
