package io.tidegate.load;

import io.tidegate.load.Metrics.Sample;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * The nodes' memory over a run, by their metrics: what is resident of their processes, or where
 * that isn't told, what the JVM uses: heap, what it has beside it, and direct buffers. It goes up
 * and down with every collection; what stays is its least value over a long time.
 */
final class MemoryWatch implements AutoCloseable {
  /** In less than that nothing shows. */
  static final Duration SHORTEST = Duration.ofMinutes(10);

  private static final Duration EVERY = Duration.ofSeconds(5);
  private static final double MOST_GROWTH = 1.10;

  /** So much of the time must have been looked at. */
  private static final double ENOUGH = 0.9;

  private static final long MEBI = 1 << 20;

  private final Metrics metrics;
  private final List<Point> points = new ArrayList<>();
  private final CountDownLatch over = new CountDownLatch(1);
  private final long begin = System.nanoTime();
  private final Thread thread;
  private volatile Duration looked = Duration.ZERO;

  /**
   * All nodes' bytes at one moment.
   *
   * @param resident of the processes; 0 when they don't tell
   * @param used by the JVMs
   */
  record Point(double resident, double used) {}

  /** Begins at once. */
  MemoryWatch(Metrics metrics) {
    this.metrics = metrics;
    this.thread = Thread.ofPlatform().daemon().name("memory").start(this::look);
  }

  private void look() {
    try {
      do {
        try {
          points.add(point(metrics.read()));
        } catch (IOException e) {
          // A point is missing then; without enough of them there is no verdict.
        }
      } while (!over.await(EVERY.toMillis(), TimeUnit.MILLISECONDS));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    looked = Duration.ofNanos(System.nanoTime() - begin);
  }

  static Point point(Sample sample) {
    return new Point(
        sample.sum("process_resident_memory_bytes", ""),
        sample.sum("jvm_memory_used_bytes", "")
            + sample.sum("jvm_buffer_memory_used_bytes", "id=\"direct\""));
  }

  /** To be asked once it is closed. */
  Verdict verdict() {
    return verdict(points, looked, EVERY);
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
    Duration told = every.multipliedBy(points.size());
    Duration needed = looked.compareTo(SHORTEST) < 0 ? SHORTEST : looked;
    if (told.toMillis() < needed.toMillis() * ENOUGH) {
      return Verdict.unknown(
          "memory is flat: the nodes at --management told it for %,d s (expected: %,d)"
              .formatted(told.toSeconds(), needed.toSeconds()));
    }
    boolean resident = points.stream().allMatch(point -> point.resident() > 0);
    int size = points.size();
    double early = least(points.subList(size / 4, size / 2), resident);
    double late = least(points.subList(size * 3 / 4, size), resident);
    if (early <= 0) {
      return Verdict.unknown("memory is flat: the nodes at --management don't tell it");
    }
    return Verdict.of(
        late <= early * MOST_GROWTH,
        "memory is flat, %s: %,.0f MiB in the second quarter, %,.0f MiB in the last (limit: + 10 %%)",
        resident
            ? "what is resident"
            : "what the JVM uses (what is resident is not told everywhere)",
        early / MEBI,
        late / MEBI);
  }

  private static double least(List<Point> points, boolean resident) {
    return points.stream()
        .mapToDouble(point -> resident ? point.resident() : point.used())
        .min()
        .orElse(0);
  }

  @Override
  public void close() throws InterruptedException {
    over.countDown();
    thread.join();
    metrics.close();
  }
}
