package io.tidegate.bench.peer;

import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;

/**
 * Counts a limiter's decisions, of which at most 64 are under way: for some seconds without
 * telling, then for the seconds that count. Used by one thread.
 */
final class DecisionLoop {
  private static final long WARM_UP_NANOS = TimeUnit.SECONDS.toNanos(3);
  private static final int IN_FLIGHT = 64;
  private static final String[] SUBJECTS = new String[100];

  static {
    for (int i = 0; i < SUBJECTS.length; i++) {
      SUBJECTS[i] = "user-" + i;
    }
  }

  private final long measuredNanos;
  private final CompletableFuture<Void> ended;
  private final Histogram latencies = new Histogram(TimeUnit.MINUTES.toNanos(1), 3);
  private final long begin = System.nanoTime();
  private long cpu;
  private long errors;
  private int inFlight;
  private int next;
  private boolean counting;
  private boolean over;

  /**
   * @param seconds that count
   * @param ended told when the figures are printed
   */
  DecisionLoop(int seconds, CompletableFuture<Void> ended) {
    this.measuredNanos = TimeUnit.SECONDS.toNanos(seconds);
    this.ended = ended;
  }

  boolean mayBegin() {
    return !over && inFlight < IN_FLIGHT;
  }

  boolean isOver() {
    return over;
  }

  /** Whose turn it is. */
  String subject() {
    return SUBJECTS[next++ % SUBJECTS.length];
  }

  /** A decision is asked for; returns when. */
  long begins() {
    inFlight++;
    return System.nanoTime();
  }

  /** It was made. */
  void ends(long began, boolean allowed) {
    inFlight--;
    long now = System.nanoTime();
    if (over) {
      return;
    }
    if (!counting && now - begin >= WARM_UP_NANOS) {
      counting = true;
      cpu = Figures.cpuNanos();
      return;
    }
    if (!counting) {
      return;
    }
    latencies.recordValue(Math.min(now - began, latencies.getHighestTrackableValue()));
    errors += allowed ? 0 : 1;
    if (now - begin >= WARM_UP_NANOS + measuredNanos) {
      over = true;
      new PrintStream(System.out, true, StandardCharsets.UTF_8)
          .println(
              Figures.line(
                  latencies, now - begin - WARM_UP_NANOS, errors, Figures.cpuNanos() - cpu));
      ended.complete(null);
    }
  }
}
