package io.tidegate.load;

import io.tidegate.load.Metrics.Sample;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;
import java.util.function.ToLongFunction;

/**
 * What became of the events that were acknowledged, by the nodes' own counters: ingestion's against
 * the projection's.
 */
final class EventBooks {
  private static final String ACCEPTED = "tidegate_ingestion_events_total";
  private static final String PROJECTION = "tidegate_projection_events_total";
  private static final String LAG = "tidegate_projection_lag";
  private static final long POLL_MILLIS = 500;

  private final Metrics metrics;
  private final Sample before;

  /**
   * Events since the books were opened.
   *
   * @param duplicates sent again and counted once
   */
  record Balance(
      long acknowledged, long projected, long duplicates, long deadLettered, long erased) {
    /** Acknowledged and nothing known of them yet. */
    long left() {
      return acknowledged - projected - duplicates - deadLettered - erased;
    }

    /**
     * Every event counts, or is known to count already, and no client was told of more.
     *
     * @param told different events that clients were told are safe, at least
     */
    Verdict nothingLost(long told) {
      if (acknowledged == 0) {
        return Verdict.unknown(
            "no event lost: the nodes at --management acknowledged none (expected: those of --url)");
      }
      return Verdict.of(
          projected + duplicates == acknowledged
              && deadLettered == 0
              && erased == 0
              && projected >= told,
          "no event lost: %,d acknowledged (clients know of %,d), %,d projected,"
              + " %,d seen before, %,d dead-lettered",
          acknowledged,
          told,
          projected,
          duplicates,
          deadLettered);
    }
  }

  private EventBooks(Metrics metrics, Sample before) {
    this.metrics = metrics;
    this.before = before;
  }

  /**
   * Opened before the first event, once the projection is done with those that were sent before, or
   * gets on no more; nobody else may send any until they are closed.
   *
   * @param patience without any progress
   * @param left hears how many events are still to come
   */
  static EventBooks open(Metrics metrics, Duration patience, LongConsumer left)
      throws IOException, InterruptedException {
    return new EventBooks(
        metrics, caughtUp(metrics, now -> Math.round(now.sum(LAG, "")), patience, left));
  }

  /**
   * Waits for the projection, which may be behind, as long as it gets on.
   *
   * @param patience without any progress
   * @param left hears how many events are still to come
   */
  Balance close(Duration patience, LongConsumer left) throws IOException, InterruptedException {
    return balance(caughtUp(metrics, now -> balance(now).left(), patience, left));
  }

  private static Sample caughtUp(
      Metrics metrics, ToLongFunction<Sample> behind, Duration patience, LongConsumer left)
      throws IOException, InterruptedException {
    long least = Long.MAX_VALUE;
    long since = System.nanoTime();
    while (true) {
      Sample now = metrics.read();
      long events = behind.applyAsLong(now);
      if (events <= 0 || System.nanoTime() - since > patience.toNanos()) {
        return now;
      }
      if (events < least) {
        least = events;
        since = System.nanoTime();
      }
      left.accept(events);
      TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
    }
  }

  private Balance balance(Sample now) {
    return new Balance(
        grown(now, ACCEPTED, "accepted"),
        grown(now, PROJECTION, "projected"),
        grown(now, PROJECTION, "duplicate"),
        grown(now, PROJECTION, "dead_lettered"),
        grown(now, PROJECTION, "erased"));
  }

  private long grown(Sample now, String metric, String outcome) {
    String tag = "outcome=\"" + outcome + "\"";
    return Math.round(now.sum(metric, tag) - before.sum(metric, tag));
  }
}
