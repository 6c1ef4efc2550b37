package io.tidegate.ratelimit;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Whether something is lost; tells the log when that changes, once. Safe from any thread. */
final class Outage {
  private static final Logger log = LoggerFactory.getLogger(Outage.class);

  private final String what;
  private final String means;
  private final AtomicBoolean lost = new AtomicBoolean();
  private final AtomicInteger times = new AtomicInteger();
  private volatile long since;

  /**
   * @param means what the loss means, for the log
   */
  Outage(String what, String means) {
    this.what = what;
    this.means = means;
  }

  /** How often it was lost. */
  int times() {
    return times.get();
  }

  boolean lost() {
    return lost.get();
  }

  /** When the latest loss was noticed, nanoseconds of the clock that {@link #begins} was told. */
  long since() {
    return since;
  }

  /**
   * @param now monotonic nanoseconds
   */
  void begins(String reason, long now) {
    if (lost.compareAndSet(false, true)) {
      since = now;
      times.incrementAndGet();
      log.atWarn()
          .addKeyValue("lost", what)
          .addKeyValue("reason", reason)
          .log("rate limiting: {}", means);
    }
  }

  void ends() {
    if (lost.compareAndSet(true, false)) {
      log.atInfo().addKeyValue("back", what).log("rate limiting: this is over");
    }
  }
}
