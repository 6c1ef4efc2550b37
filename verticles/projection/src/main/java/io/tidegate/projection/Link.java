package io.tidegate.projection;

import io.tidegate.platform.Readiness;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Whether a dependency answers; says so in the log once a change. Safe from any thread. */
final class Link {
  private static final Logger log = LoggerFactory.getLogger(Link.class);
  private static final String UNTRIED = "not reached yet";

  private final String name;
  private String state = UNTRIED;

  Link(String name) {
    this.name = name;
  }

  String name() {
    return name;
  }

  synchronized void works() {
    String before = state;
    state = Readiness.OK;
    if (!before.equals(Readiness.OK) && !before.equals(UNTRIED)) {
      log.atInfo().addKeyValue("dependency", name).log("projection goes on");
    }
  }

  synchronized void fails(Throwable reason) {
    String why = String.valueOf(reason.getMessage() == null ? reason : reason.getMessage());
    String before = state;
    state = why;
    if (before.equals(Readiness.OK) || before.equals(UNTRIED)) {
      log.atWarn()
          .addKeyValue("dependency", name)
          .addKeyValue("reason", why)
          .log("projection waits, and tries again");
    }
  }

  synchronized boolean up() {
    return state.equals(Readiness.OK);
  }

  /** {@link Readiness#OK}, or what is wrong. */
  synchronized String report() {
    return up() ? state : name + ": " + state;
  }
}
