package io.tidegate.projection;

import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * For how long Postgres has not answered this node. When it is too long, the node's partitions are
 * better off with others, whom it may answer. Not thread-safe.
 */
final class Outage {
  private static final Duration PATIENCE = Duration.ofSeconds(6);

  private final LongSupplier nanoTime;
  private boolean silent;
  private long since;

  Outage(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
  }

  /** It was asked in vain. */
  void silent(long asked) {
    if (!silent) {
      silent = true;
      since = asked;
    }
  }

  /** It answered, be it with a refusal. */
  void answered() {
    silent = false;
  }

  boolean tooLong() {
    return silent && nanoTime.getAsLong() - since >= PATIENCE.toNanos();
  }
}
