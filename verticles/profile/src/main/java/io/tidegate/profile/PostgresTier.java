package io.tidegate.profile;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.tidegate.bus.Failure;
import io.tidegate.bus.FailureException;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The third layer: table {@code customers}. Ids wanted in one tick, or while all queries are busy,
 * go into one query together. Belongs to one event loop.
 *
 * <p>An id is only ever joined to a query that has not started, so what it gets is at least as new
 * as its question. The number of queries, of ids waiting and the time for both are bounded; what
 * does not fit is refused at once.
 */
final class PostgresTier {
  private static final Logger log = LoggerFactory.getLogger(PostgresTier.class);
  private static final Duration RETRY_AFTER = Duration.ofSeconds(1);

  static final String FIND =
      """
      SELECT asked.id AS asked, shown.id, shown.present, shown.traits::text AS traits,
        shown.anonymous_ids, shown.counts::text AS counts, shown.purchases, shown.interactions,
        shown.first_seen, shown.last_seen, shown.tags, greatest(asked.version, shown.version) AS version
      FROM customers asked JOIN customers shown ON shown.id = coalesce(asked.merged_into, asked.id)
      WHERE asked.id = ANY($1)""";

  private final Vertx vertx;
  private final Context context;
  private final SqlClient pool;
  private final ProfileConfig config;
  private final StoreMeters meters;
  private final Map<String, Wanted> waiting = new LinkedHashMap<>();
  private int queries;
  private boolean dispatching;
  private boolean sweeping;
  private boolean lost;

  /** To be made on the event loop that will use it. */
  PostgresTier(Vertx vertx, SqlClient pool, ProfileConfig config, StoreMeters meters) {
    this.vertx = vertx;
    this.context = vertx.getOrCreateContext();
    this.pool = pool;
    this.config = config;
    this.meters = meters;
    meters.waiting(waiting::size);
  }

  /**
   * What an id shows, the customer it was merged into included.
   *
   * @return fails with {@link Failure#OVERLOADED} (too many wait, or it waited too long) or {@link
   *     Failure#STORE_UNAVAILABLE}
   */
  Future<Stored> find(String id) {
    Wanted already = waiting.get(id);
    if (already != null) {
      return already.promise.future();
    }
    if (waiting.size() >= config.maxWaiting()) {
      meters.refused.increment();
      return Future.failedFuture(overloaded(waiting.size() + " profiles wait for Postgres"));
    }
    Wanted wanted = new Wanted(Promise.promise(), System.nanoTime());
    waiting.put(id, wanted);
    if (!dispatching && queries < config.maxQueries()) {
      dispatching = true;
      context.runOnContext(tick -> dispatch());
    }
    if (!sweeping) {
      sweeping = true;
      vertx.setTimer(Math.max(1, config.waitLimit().toMillis() / 4), timer -> sweep());
    }
    return wanted.promise.future();
  }

  private void dispatch() {
    dispatching = false;
    while (queries < config.maxQueries() && !waiting.isEmpty()) {
      Map<String, Wanted> batch = new HashMap<>();
      Iterator<Map.Entry<String, Wanted>> oldest = waiting.entrySet().iterator();
      while (batch.size() < config.batchSize() && oldest.hasNext()) {
        Map.Entry<String, Wanted> next = oldest.next();
        batch.put(next.getKey(), next.getValue());
        oldest.remove();
      }
      query(batch);
    }
  }

  private void query(Map<String, Wanted> batch) {
    queries++;
    long started = System.nanoTime();
    meters.batch.record(batch.size());
    String[] ids = batch.keySet().toArray(new String[0]);
    pool.preparedQuery(FIND)
        .execute(Tuple.of(ids))
        .timeout(config.queryLimit().toMillis(), TimeUnit.MILLISECONDS)
        .onComplete(
            rows -> {
              queries--;
              meters.query.record(System.nanoTime() - started, TimeUnit.NANOSECONDS);
              if (rows.succeeded()) {
                answer(batch, rows.result(), started);
              } else {
                fail(batch, rows.cause());
              }
              dispatch();
            });
  }

  private void answer(Map<String, Wanted> batch, RowSet<Row> rows, long started) {
    if (lost) {
      lost = false;
      log.atInfo().log("Postgres is back");
    }
    for (Row row : rows) {
      String id = row.getString("asked");
      Wanted wanted = batch.remove(id);
      if (wanted != null) {
        try {
          wanted.promise.complete(stored(id, row, started));
        } catch (RuntimeException e) {
          wanted.promise.fail(e); // one odd row must not keep the others waiting
        }
      }
    }
    batch.forEach(
        (id, wanted) ->
            wanted.promise.complete(new Stored(id, false, 0, ByteString.EMPTY, started)));
  }

  private void fail(Map<String, Wanted> batch, Throwable cause) {
    meters.queryErrors.increment();
    if (!lost) {
      lost = true;
      log.atWarn()
          .addKeyValue("reason", String.valueOf(cause.getMessage()))
          .log("Postgres does not answer profile lookups");
    }
    FailureException failure =
        new FailureException(
            Failure.STORE_UNAVAILABLE, "Postgres does not answer profile lookups", RETRY_AFTER);
    batch.values().forEach(wanted -> wanted.promise.fail(failure));
  }

  /** Refuses those who have waited too long; the map is in the order they came. */
  private void sweep() {
    long limit = config.waitLimit().toNanos();
    long now = System.nanoTime();
    Iterator<Wanted> oldest = waiting.values().iterator();
    while (oldest.hasNext()) {
      Wanted wanted = oldest.next();
      if (now - wanted.since < limit) {
        break;
      }
      oldest.remove();
      meters.refused.increment();
      wanted.promise.fail(
          overloaded("no query was free within " + config.waitLimit().toMillis() + " ms"));
    }
    sweeping = !waiting.isEmpty();
    if (sweeping) {
      vertx.setTimer(Math.max(1, config.waitLimit().toMillis() / 4), timer -> sweep());
    }
  }

  private static FailureException overloaded(String why) {
    return new FailureException(Failure.OVERLOADED, why, RETRY_AFTER);
  }

  private static Stored stored(String id, Row row, long started) {
    long version = row.getLong("version");
    if (!row.getBoolean("present")) {
      return new Stored(id, false, version, ByteString.EMPTY, started);
    }
    CustomerRow customer =
        new CustomerRow(
            row.getString("id"),
            version,
            row.getString("traits"),
            List.of(row.getArrayOfStrings("anonymous_ids")),
            row.getString("counts"),
            row.getLong("purchases"),
            row.getLong("interactions"),
            instant(row.getOffsetDateTime("first_seen")),
            instant(row.getOffsetDateTime("last_seen")),
            List.of(row.getArrayOfStrings("tags")));
    byte[] json = ProfileEncoder.encode(customer);
    return new Stored(id, true, version, UnsafeByteOperations.unsafeWrap(json), started);
  }

  private static @Nullable Instant instant(@Nullable OffsetDateTime time) {
    return time == null ? null : time.toInstant();
  }

  private record Wanted(Promise<Stored> promise, long since) {}
}
