package io.tidegate.load;

import com.sun.management.OperatingSystemMXBean;
import io.tidegate.simulate.Progress;
import io.tidegate.simulate.Terminal;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Looks at a run from beside it: shows how far it is, and measures from the first answer to the
 * last, since before and after them Gatling loads classes and writes its report.
 */
final class Watch implements AutoCloseable {
  private static final long LOOK_MILLIS = 200;

  private final Terminal terminal;
  private final String task;
  private final Answers answers;
  private final long expected;
  private final CountDownLatch over = new CountDownLatch(1);
  private final Thread thread;
  private final OperatingSystemMXBean system =
      (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
  private volatile Moment first = new Moment(0, 0, 0);
  private volatile Moment last = first;

  /** What the clocks say, and how many answers there are. */
  record Moment(long nanos, long cpuNanos, long answers) {}

  /**
   * Begins at once.
   *
   * @param expected requests in all
   */
  Watch(Terminal terminal, String task, Answers answers, long expected) {
    this.terminal = terminal;
    this.task = task;
    this.answers = answers;
    this.expected = expected;
    this.thread = Thread.ofPlatform().daemon().name("watch").start(this::look);
  }

  private void look() {
    try (Progress progress = new Progress(terminal, task, "requests", expected)) {
      boolean ends = false;
      while (!ends) {
        ends = over.await(LOOK_MILLIS, TimeUnit.MILLISECONDS);
        Moment now = now();
        if (now.answers > last.answers) {
          if (last.answers == 0) {
            first = now;
          }
          last = now;
        }
        progress.update(now.answers, note());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private Moment now() {
    return new Moment(System.nanoTime(), system.getProcessCpuTime(), answers.total());
  }

  private String note() {
    long limited = answers.count("", 429, 429);
    long failed = answers.count("", 500, AnswerCounts.STATUSES - 1);
    return limited + failed == 0
        ? ""
        : String.format(Locale.ROOT, ", %,d limited, %,d failed", limited, failed);
  }

  /** From the first answer to the last; to be asked once it is closed. */
  Duration took() {
    return Duration.ofNanos(last.nanos - first.nanos);
  }

  /** This process's CPU time per answer in microseconds; to be asked once it is closed. */
  double cpuMicros() {
    return (last.cpuNanos - first.cpuNanos) / 1e3 / Math.max(1, last.answers - first.answers);
  }

  @Override
  public void close() throws InterruptedException {
    over.countDown();
    thread.join();
  }
}
