package io.tidegate.devstack;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** A bounded wait for something to become true, for tests that watch real servers. */
public final class Await {
  private static final long POLL_NS = Duration.ofMillis(20).toNanos();

  private Await() {}

  /** What is waited for; an exception counts as "not yet". */
  @FunctionalInterface
  public interface Condition {
    boolean holds() throws Exception;
  }

  /**
   * Returns as soon as the condition holds.
   *
   * @throws AssertionError when it doesn't within the time limit; the cause is the last exception
   *     the condition threw, if it threw one on its last try
   */
  public static void until(String description, Duration timeout, Condition condition) {
    long deadline = System.nanoTime() + timeout.toNanos();
    Exception last;
    do {
      last = null;
      try {
        if (condition.holds()) {
          return;
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw late("interrupted while waiting: " + description, e);
      } catch (Exception e) {
        last = e;
      }
      LockSupport.parkNanos(POLL_NS);
    } while (System.nanoTime() < deadline && !Thread.currentThread().isInterrupted());
    throw late("not within " + timeout.toMillis() + " ms: " + description, last);
  }

  private static AssertionError late(String message, @Nullable Exception cause) {
    return new AssertionError(message, cause);
  }
}
