package io.tidegate.routing;

import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * Watches the time limits of all exchanges of one event loop by one timer, since a timer for each
 * limit of each request costs more than the request's other bookkeeping together. Limits are kept
 * to within {@value #TICK_MS} ms.
 */
final class Deadlines {
  static final long TICK_MS = 50;

  /** A loop that stood still for so long was paused, or had no processor. */
  private static final Duration STOOD_STILL = Duration.ofMillis(500);

  private final Set<Progress> watched = new LinkedHashSet<>();
  private final Vertx vertx;
  private final int loop;
  private final long timer;
  private volatile int count;
  private long lastCheck = System.nanoTime();

  /**
   * @param loop the event loop's number, from 0
   */
  Deadlines(Vertx vertx, int loop) {
    this.vertx = vertx;
    this.loop = loop;
    this.timer = vertx.setPeriodic(TICK_MS, tick -> check());
  }

  /** The event loop's number. */
  int loop() {
    return loop;
  }

  void watch(Progress exchange) {
    watched.add(exchange);
    count = watched.size();
  }

  void forget(Progress exchange) {
    watched.remove(exchange);
    count = watched.size();
  }

  /** How many are watched; from any thread. */
  int watched() {
    return count;
  }

  private void check() {
    long now = System.nanoTime();
    long stood = now - lastCheck - TimeUnit.MILLISECONDS.toNanos(TICK_MS);
    lastCheck = now;
    if (watched.isEmpty()) {
      return;
    }
    if (stood > STOOD_STILL.toNanos()) {
      // It was this node that did not read, so nobody else was late, and no breaker has to know.
      watched.forEach(exchange -> exchange.extend(stood));
    }
    for (Progress exchange : new ArrayList<>(watched)) {
      exchange.check(now);
    }
  }

  void stop() {
    vertx.cancelTimer(timer);
  }
}
