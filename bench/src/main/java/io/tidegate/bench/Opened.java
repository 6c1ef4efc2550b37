package io.tidegate.bench;

import java.util.ArrayDeque;
import java.util.Deque;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What was started, to be closed in the opposite order whatever happens. */
final class Opened implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Opened.class);

  private final Deque<AutoCloseable> things = new ArrayDeque<>();

  /** Adds something and returns it. */
  <T extends AutoCloseable> T add(T thing) {
    things.push(thing);
    return thing;
  }

  @Override
  public void close() {
    while (!things.isEmpty()) {
      try {
        things.pop().close();
      } catch (Exception e) {
        log.atWarn().addKeyValue("reason", String.valueOf(e)).log("not closed in order");
      }
    }
  }
}
