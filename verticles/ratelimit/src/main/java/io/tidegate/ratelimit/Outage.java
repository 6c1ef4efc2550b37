package io.tidegate.ratelimit;

import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Whether something is lost; tells the log when that changes, once. Safe from any thread. */
final class Outage {
  private static final Logger log = LoggerFactory.getLogger(Outage.class);

  private final String what;
  private final AtomicBoolean lost = new AtomicBoolean();

  Outage(String what) {
    this.what = what;
  }

  boolean lost() {
    return lost.get();
  }

  void begins(String reason) {
    if (lost.compareAndSet(false, true)) {
      log.atWarn()
          .addKeyValue("lost", what)
          .addKeyValue("reason", reason)
          .log("rate limiting is degraded: this node grants its share of each limit alone");
    }
  }

  void ends() {
    if (lost.compareAndSet(true, false)) {
      log.atInfo().addKeyValue("back", what).log("rate limiting is no longer degraded by this");
    }
  }
}
