package io.tidegate.devstack;

import java.util.ArrayDeque;
import java.util.Deque;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What was started, to be closed in the opposite order whatever happens. For one thread at a time.
 */
public final class Opened implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Opened.class);

  private final Deque<AutoCloseable> things = new ArrayDeque<>();

  /** Nothing yet. */
  public Opened() {}

  /** Adds something and returns it. */
  public <T extends AutoCloseable> T add(T thing) {
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
