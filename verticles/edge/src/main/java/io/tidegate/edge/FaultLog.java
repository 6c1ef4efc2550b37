package io.tidegate.edge;

import io.tidegate.bus.FailureException;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A node's log of the answers that were not the caller's fault, each with its request id: ten lines
 * a second at most, and how many more there were, so that an outage fills no disk. Safe from any
 * thread.
 */
final class FaultLog {
  private static final Logger log = LoggerFactory.getLogger(FaultLog.class);

  /** Lines a second. */
  static final int MOST = 10;

  private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

  private final LongSupplier nanoClock;
  private long began;
  private int lines;
  private int left;

  /**
   * @param nanoClock monotonic nanoseconds, {@link System#nanoTime} but in tests
   */
  FaultLog(LongSupplier nanoClock) {
    this.nanoClock = nanoClock;
    this.began = nanoClock.getAsLong();
  }

  /**
   * One request that ended so.
   *
   * @param failure null when it was an upstream that answered so
   */
  void add(
      String requestId,
      String operation,
      String route,
      int status,
      @Nullable FailureException failure) {
    tick();
    if (!take()) {
      return;
    }
    log.atWarn()
        .addKeyValue("request_id", requestId)
        .addKeyValue("operation", operation)
        .addKeyValue("route", route)
        .addKeyValue("status", status)
        .addKeyValue("failure", failure == null ? "upstream" : Problems.slug(failure.failure()))
        .addKeyValue("detail", failure == null ? "its own answer" : Problems.detail(failure))
        .log("a request was answered with a failure");
  }

  /** Begins another second when this one is over, and tells what was left out in it. */
  void tick() {
    int unsaid;
    synchronized (this) {
      long now = nanoClock.getAsLong();
      if (now - began < SECOND) {
        return;
      }
      began = now;
      lines = 0;
      unsaid = left;
      left = 0;
    }
    if (unsaid > 0) {
      log.atWarn()
          .addKeyValue("suppressed", unsaid)
          .log("more requests were answered with failures");
    }
  }

  private synchronized boolean take() {
    if (lines == MOST) {
      left++;
      return false;
    }
    lines++;
    return true;
  }
}
