package io.tidegate.edge.auth;

import io.vertx.core.Future;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The key set in force, read again from its source: now and then, and when a token names a key that
 * is not in it, but never more often than the least interval and never twice at once. When a read
 * fails the last good set stays. Safe from any thread.
 */
final class KeyRing {
  private static final Logger log = LoggerFactory.getLogger(KeyRing.class);

  private final Supplier<Future<KeySet>> source;
  private final long minIntervalNanos;
  private final LongSupplier nanoClock;
  private final AtomicReference<@Nullable Future<Void>> underWay = new AtomicReference<>();
  private volatile @Nullable KeySet current;
  private volatile long lastStart;
  private volatile boolean failing;

  KeyRing(Supplier<Future<KeySet>> source, Duration minInterval, LongSupplier nanoClock) {
    this.source = source;
    this.minIntervalNanos = minInterval.toNanos();
    this.nanoClock = nanoClock;
    this.lastStart = nanoClock.getAsLong() - minIntervalNanos;
  }

  /** The last good set; null when none was ever read. */
  @Nullable KeySet current() {
    return current;
  }

  /** Whether the last read failed. */
  boolean failing() {
    return failing;
  }

  /**
   * Reads the source, unless it was read within the least interval. Never fails: the set in force
   * says how it went.
   */
  Future<Void> refresh() {
    Future<Void> running = underWay.get();
    if (running != null) {
      return running;
    }
    long now = nanoClock.getAsLong();
    if (now - lastStart < minIntervalNanos) {
      return Future.succeededFuture();
    }
    io.vertx.core.Promise<Void> promise = io.vertx.core.Promise.promise();
    if (!underWay.compareAndSet(null, promise.future())) {
      return refresh();
    }
    lastStart = now;
    read()
        .onComplete(
            read -> {
              if (read.succeeded()) {
                take(read.result());
              } else {
                keep(read.cause());
              }
              underWay.set(null);
              promise.complete();
            });
    return promise.future();
  }

  private Future<KeySet> read() {
    try {
      return source.get();
    } catch (RuntimeException e) {
      return Future.failedFuture(e);
    }
  }

  private void take(KeySet next) {
    KeySet before = current;
    current = next;
    if (before == null || failing || !before.sameKeys(next)) {
      log.atInfo().addKeyValue("keys", next.size()).log("token keys in force");
    }
    failing = false;
  }

  private void keep(Throwable cause) {
    if (!failing) {
      KeySet kept = current;
      log.atWarn()
          .addKeyValue("cause", cause.getMessage())
          .addKeyValue("keys_kept", kept == null ? 0 : kept.size())
          .log("the token key set could not be read; the last good one stays");
    }
    failing = true;
  }
}
