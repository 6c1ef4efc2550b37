package io.tidegate.node;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.IntConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Orderly stop on SIGTERM, Ctrl-C or {@link #now}: what was started last stops first, once, and the
 * process does not end before that, nor later than the limit.
 */
final class Shutdown {
  /** From the signal to the end of the process, unless the node's configuration asks for more. */
  static final Duration LIMIT = Duration.ofMillis(4_500);

  private static final Logger log = LoggerFactory.getLogger(Shutdown.class);

  private final Deque<Step> steps = new ArrayDeque<>();
  private final CountDownLatch stopped = new CountDownLatch(1);
  private final Duration limit;
  private final IntConsumer halt;

  /** A shutdown that the process's end begins by itself. */
  Shutdown(Duration limit) {
    this(limit, Runtime.getRuntime()::halt);
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(
                () -> {
                  now();
                  Logging.flush(); // the process ends with this thread, whatever main has yet to do
                },
                "tidegate-shutdown"));
  }

  /**
   * A shutdown that somebody else begins.
   *
   * @param halt ends the process with this code at once
   */
  Shutdown(Duration limit, IntConsumer halt) {
    this.limit = limit;
    this.halt = halt;
  }

  /** Something to stop. */
  @FunctionalInterface
  interface Step {
    /**
     * Stops it.
     *
     * @param deadline when the process ends, whether this is done or not
     */
    void stop(Deadline deadline) throws Exception;
  }

  /** Adds a step, to be run before those added earlier. */
  void onStop(Step step) {
    synchronized (steps) {
      steps.push(step);
    }
  }

  /** Runs all steps that have not run yet. */
  void now() {
    synchronized (steps) {
      if (!steps.isEmpty()) {
        Deadline deadline = Deadline.after(limit);
        Thread.ofPlatform().daemon().name("tidegate-halt").start(this::haltWhenLate);
        while (!steps.isEmpty()) {
          try {
            steps.pop().stop(deadline);
          } catch (Exception e) {
            log.atWarn().setCause(e).log("a step of the shutdown failed");
          }
        }
      }
    }
    stopped.countDown();
  }

  private void haltWhenLate() {
    try {
      if (!stopped.await(limit.toMillis(), TimeUnit.MILLISECONDS)) {
        log.atError()
            .addKeyValue("limit_ms", limit.toMillis())
            .log("not stopped in time: the process ends now");
        Logging.flush();
        halt.accept(1);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Waits until everything is stopped. */
  void await() throws InterruptedException {
    stopped.await();
  }
}
