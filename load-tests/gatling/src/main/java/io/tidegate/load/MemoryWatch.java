package io.tidegate.load;

import io.tidegate.load.Metrics.Sample;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.ToDoubleFunction;

/**
 * What the nodes keep over a run: they collect their garbage again and again and tell what is left
 * of the heap, and what is resident beside it. What is resident in all would say nothing: it grows
 * until a heap has been full once, for hours, and stays then, leak or none.
 */
final class MemoryWatch implements AutoCloseable {
  /** In less than that nothing shows. */
  static final Duration SHORTEST = Duration.ofMinutes(10);

  /** Each time costs the nodes a pause, which is in the scenario's p99. */
  private static final int TIMES = 24;

  private static final Duration RAREST = Duration.ofMinutes(5);
  private static final double MOST_GROWTH = 1.10;

  /** More than what a cache and a collection's luck come to, where little is live. */
  private static final double LIVE_ALLOWANCE = 8 << 20;

  /** So much of the time must have been looked at. */
  private static final double ENOUGH = 0.9;

  private static final long MEBI = 1 << 20;

  private final Metrics metrics;
  private final List<Point> points = new ArrayList<>();
  private final CountDownLatch over = new CountDownLatch(1);
  private final long begin = System.nanoTime();
  private final Duration every;
  private final Thread thread;
  private volatile Duration looked = Duration.ZERO;

  /**
   * All nodes' bytes at one moment.
   *
   * @param live of the heaps
   * @param beside what is resident beside them; 0 when not all nodes tell
   */
  record Point(double live, double beside) {}

  /**
   * Begins at once.
   *
   * @param duration of the run, {@link #SHORTEST} at least
   */
  MemoryWatch(Metrics metrics, Duration duration) {
    this.metrics = metrics;
    Duration part = duration.dividedBy(TIMES);
    this.every = part.compareTo(RAREST) < 0 ? part : RAREST;
    this.thread = Thread.ofPlatform().daemon().name("memory").start(this::look);
  }

  private void look() {
    long next = begin;
    try {
      do {
        try {
          points.add(point(metrics.collect()));
        } catch (IOException e) {
          // A point is missing then; without enough of them there is no verdict.
        }
        next += every.toNanos();
      } while (!over.await(next - System.nanoTime(), TimeUnit.NANOSECONDS));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    looked = Duration.ofNanos(System.nanoTime() - begin);
  }

  static Point point(Sample sample) {
    return new Point(sample.sum("live", ""), sample.sum("beside_heap", ""));
  }

  /** To be asked once it is closed. */
  Verdict verdict() {
    return verdict(points, looked, every);
  }

  /** For a run that is too short by the user's own will. */
  static Verdict ruledOut() {
    return Verdict.skipped(
        "memory is flat: not looked at (--duration: less than %d min)"
            .formatted(SHORTEST.toMinutes()));
  }

  /**
   * Whether it is flat.
   *
   * @param points one after the other
   * @param looked from the first to the last
   * @param every the time between two of them
   */
  static Verdict verdict(List<Point> points, Duration looked, Duration every) {
    Duration seen = every.multipliedBy(points.size());
    Duration needed = looked.compareTo(SHORTEST) < 0 ? SHORTEST : looked;
    if (seen.toMillis() < needed.toMillis() * ENOUGH) {
      return Verdict.unknown(
          "memory is flat: the nodes at --management told it for %,d s (expected: %,d)"
              .formatted(seen.toSeconds(), needed.toSeconds()));
    }
    int size = points.size();
    List<Point> early = points.subList(size / 4, size / 2);
    List<Point> late = points.subList(size * 3 / 4, size);
    boolean told = points.stream().allMatch(point -> point.beside() > 0);
    ToDoubleFunction<Point> kept = told ? point -> point.live() + point.beside() : Point::live;
    double liveEarly = least(early, Point::live);
    double liveLate = least(late, Point::live);
    if (liveEarly <= 0 || liveLate <= 0) {
      return Verdict.unknown("memory is flat: the nodes at --management don't tell it");
    }
    double liveAtMost = liveEarly * MOST_GROWTH + LIVE_ALLOWANCE;
    double keptEarly = least(early, kept);
    double keptLate = least(late, kept);
    return Verdict.of(
        keptLate <= keptEarly * MOST_GROWTH && liveLate <= liveAtMost,
        "memory is flat: least live %,.0f MiB in the second quarter, %,.0f MiB in the last"
            + " (limit: %,.0f); %s",
        liveEarly / MEBI,
        liveLate / MEBI,
        liveAtMost / MEBI,
        told
            ? String.format(
                Locale.ROOT,
                "with what is resident beside the heap %,.0f and %,.0f MiB (limit: + 10 %%)",
                keptEarly / MEBI,
                keptLate / MEBI)
            : "what is resident beside the heap is not told everywhere");
  }

  private static double least(List<Point> points, ToDoubleFunction<Point> of) {
    return points.stream().mapToDouble(of).min().orElse(0);
  }

  @Override
  public void close() throws InterruptedException {
    over.countDown();
    thread.join();
    metrics.close();
  }
}
