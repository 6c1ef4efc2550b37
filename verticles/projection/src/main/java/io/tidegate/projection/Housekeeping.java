package io.tidegate.projection;

import io.vertx.sqlclient.Pool;
import java.time.Clock;
import java.time.Duration;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What has to be done beside the log, on a thread of its own: tables for the next days, tags by the
 * rules in force, dropping what is too old. Tried again until it works, then once an interval.
 */
final class Housekeeping implements Runnable {
  private static final Logger log = LoggerFactory.getLogger(Housekeeping.class);
  private static final int MOST_AT_ONCE = 10_000;

  /** For each statement; nobody waits for it. */
  static final Duration LIMIT = Duration.ofSeconds(20);

  private final Pool pool;
  private final ProjectionConfig config;
  private final DayPartitions days;
  private final Retagging retagging;
  private final Link postgres;
  private final Link own;
  private final Clock clock;
  private final CountDownLatch stopped = new CountDownLatch(1);

  Housekeeping(
      Pool pool,
      ProjectionConfig config,
      DayPartitions days,
      Retagging retagging,
      Link postgres,
      Link own,
      Clock clock) {
    this.pool = pool;
    this.config = config;
    this.days = days;
    this.retagging = retagging;
    this.postgres = postgres;
    this.own = own;
    this.clock = clock;
  }

  @Override
  public void run() {
    Backoff backoff = new Backoff(config.retryDelay(), config.maxRetryDelay());
    try {
      boolean stop = false;
      while (!stop) {
        Duration pause;
        try {
          once();
          postgres.works();
          own.works();
          backoff.succeeded();
          pause = config.housekeepingInterval();
        } catch (StoreException e) {
          postgres.fails(e);
          pause = backoff.failed();
        } catch (RuntimeException e) {
          if (own.up()) {
            log.atError().setCause(e).log("housekeeping failed unexpectedly, and tries again");
          }
          own.fails(e);
          pause = backoff.failed();
        }
        stop = stopped.await(pause.toMillis(), TimeUnit.MILLISECONDS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // told to stop in the middle of it
    }
  }

  /** All of it, once. */
  void once() throws StoreException, InterruptedException {
    days.makeAhead();
    retagging.run();
    int tables = days.dropOld();
    long messages = pruneMessages();
    if (tables > 0 || messages > 0) {
      log.atInfo()
          .addKeyValue("days", tables)
          .addKeyValue("message_ids", messages)
          .log("dropped what is past its retention");
    }
  }

  private long pruneMessages() throws StoreException, InterruptedException {
    LocalDate before =
        LocalDate.ofInstant(clock.instant().minus(config.messageIdRetention()), ZoneOffset.UTC);
    long pruned = 0;
    int last = MOST_AT_ONCE;
    while (last == MOST_AT_ONCE) {
      try (ProfileTransaction transaction = ProfileTransaction.begin(pool, LIMIT)) {
        last = transaction.messageIds().prune(before, MOST_AT_ONCE);
        transaction.commit();
      }
      pruned += last;
    }
    return pruned;
  }

  void stop() {
    stopped.countDown();
  }
}
