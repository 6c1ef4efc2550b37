package io.tidegate.node;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CountDownLatch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Orderly stop on SIGTERM, Ctrl-C or {@link #now}: what was started last stops first, once, and the
 * process does not end before that.
 */
final class Shutdown {
  private static final Logger log = LoggerFactory.getLogger(Shutdown.class);

  private final Deque<Step> steps = new ArrayDeque<>();
  private final CountDownLatch stopped = new CountDownLatch(1);

  Shutdown() {
    Runtime.getRuntime().addShutdownHook(new Thread(this::now, "tidegate-shutdown"));
  }

  /** Something to stop; may take its time, within bounds of its own. */
  @FunctionalInterface
  interface Step {
    void stop() throws Exception;
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
      while (!steps.isEmpty()) {
        try {
          steps.pop().stop();
        } catch (Exception e) {
          log.atWarn().setCause(e).log("a step of the shutdown failed");
        }
      }
    }
    stopped.countDown();
  }

  /** Waits until everything is stopped. */
  void await() throws InterruptedException {
    stopped.await();
  }
}
