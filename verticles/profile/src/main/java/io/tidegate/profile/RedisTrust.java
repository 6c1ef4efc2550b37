package io.tidegate.profile;

import io.tidegate.platform.RedisLink;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.util.concurrent.TimeUnit;
import java.util.function.LongUnaryOperator;

/**
 * From when on entries in Redis can be believed: no change was missed since. Starts anew whenever
 * the link was away or a change could not be told. Measured by Redis's clock, the only one that all
 * nodes share. Belongs to one event loop.
 */
final class RedisTrust {
  private static final long NEVER = Long.MAX_VALUE;

  private final RedisLink link;
  private final StoreMeters meters;
  private final LongUnaryOperator doubtedFor;
  private long linkUpSince;
  private long since = NEVER;
  private long askedNanos;
  private boolean asking;
  private int generation;

  /**
   * To be made once changes are listened to.
   *
   * @param doubtedFor more than 0 when a change since a {@link System#nanoTime} may have been
   *     missed
   */
  RedisTrust(RedisLink link, StoreMeters meters, LongUnaryOperator doubtedFor) {
    this.link = link;
    this.doubtedFor = doubtedFor;
    this.meters = meters;
    ask();
  }

  /** A change may have been missed: nothing that is in Redis now is believed from here on. */
  void restart() {
    meters.redisDistrusted.increment();
    since = NEVER;
    generation++;
    asking = false;
    ask();
  }

  /** Whether an entry of that time (Redis's clock, milliseconds) can be believed. */
  boolean covers(long filledAt) {
    return current() && filledAt > since;
  }

  /** How old an entry of that time is, milliseconds; only of one that is covered. */
  long age(long filledAt) {
    return since + TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - askedNanos) - filledAt;
  }

  private boolean current() {
    if (since != NEVER
        && (link.upSinceMillis() != linkUpSince || doubtedFor.applyAsLong(askedNanos) > 0)) {
      restart();
    } else if (since == NEVER) {
      ask();
    }
    return since != NEVER;
  }

  private void ask() {
    if (asking || !link.up()) {
      return;
    }
    asking = true;
    int asked = generation;
    long upSince = link.upSinceMillis();
    // When it was asked, not when the answer is here: Redis may have told the time long before, and
    // what came in between
    // must count.
    long askedAt = System.nanoTime();
    link.send(Request.cmd(Command.TIME))
        .onComplete(
            time -> {
              if (asked != generation) {
                return; // restarted meanwhile: this time may be too early
              }
              asking = false;
              Response answer = time.result();
              if (answer != null && link.up() && link.upSinceMillis() == upSince) {
                askedNanos = askedAt;
                linkUpSince = upSince;
                since = answer.get(0).toLong() * 1_000 + answer.get(1).toLong() / 1_000;
              }
            });
  }
}
