package io.tidegate.load;

import io.tidegate.load.Metrics.Sample;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * The nodes' memory over a run, by their metrics: heap, what the JVM has beside it, and direct
 * buffers. What is used goes up and down with every collection; what stays is its least value over
 * a long time.
 */
final class MemoryWatch implements AutoCloseable {
  private static final Duration EVERY = Duration.ofSeconds(5);
  private static final Duration SHORTEST = Duration.ofMinutes(10);
  private static final double MOST_GROWTH = 1.10;
  private static final long MEBI = 1 << 20;

  private final Metrics metrics;
  private final List<Double> used = new ArrayList<>();
  private final CountDownLatch over = new CountDownLatch(1);
  private final Thread thread;

  /** Begins at once. */
  MemoryWatch(Metrics metrics) {
    this.metrics = metrics;
    this.thread = Thread.ofPlatform().daemon().name("memory").start(this::look);
  }

  private void look() {
    try {
      do {
        try {
          used.add(used(metrics.read()));
        } catch (IOException e) {
          // A point is missing then; without any there is no verdict.
        }
      } while (!over.await(EVERY.toMillis(), TimeUnit.MILLISECONDS));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static double used(Sample sample) {
    return sample.sum("jvm_memory_used_bytes", "")
        + sample.sum("jvm_buffer_memory_used_bytes", "id=\"direct\"");
  }

  /** To be asked once it is closed. */
  Verdict verdict() {
    return verdict(used, EVERY);
  }

  /**
   * Whether it is flat.
   *
   * @param used bytes, one after the other
   * @param every the time between two of them
   */
  static Verdict verdict(List<Double> used, Duration every) {
    Duration length = every.multipliedBy(used.size());
    if (length.compareTo(SHORTEST) < 0) {
      return Verdict.unknown(
          "memory is flat: only %d s were looked at (expected: at least %d)"
              .formatted(length.toSeconds(), SHORTEST.toSeconds()));
    }
    int size = used.size();
    double early = least(used.subList(size / 4, size / 2));
    double late = least(used.subList(size * 3 / 4, size));
    return Verdict.of(
        late <= early * MOST_GROWTH,
        "memory is flat: %,.0f MiB in the second quarter, %,.0f MiB in the last (limit: + 10 %%)",
        early / MEBI,
        late / MEBI);
  }

  private static double least(List<Double> values) {
    return values.stream().mapToDouble(Double::doubleValue).min().orElse(0);
  }

  @Override
  public void close() throws InterruptedException {
    over.countDown();
    thread.join();
    metrics.close();
  }
}
