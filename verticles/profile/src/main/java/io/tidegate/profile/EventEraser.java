package io.tidegate.profile;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.time.OffsetDateTime;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Deletes the events of erased customers: few with the erasure itself, many a few thousand at a
 * time once it is committed. Table {@code erasures} says what is left, so that anybody can go on
 * with it. Belongs to one event loop.
 */
final class EventEraser {
  private static final Logger log = LoggerFactory.getLogger(EventEraser.class);

  /** Rows of one statement: far less than Postgres is given the time for. */
  static final int MOST_AT_ONCE = 5_000;

  /** Where the events of these customers are stored: under their ids and those they inherited. */
  private static final String OWN =
      """
      WITH RECURSIVE own AS (
        SELECT unnest($1::text[]) COLLATE "C" AS id
        UNION SELECT c.id FROM customers c JOIN own ON c.heir = own.id)
      SELECT id FROM own""";

  private static final String COUNT =
      "SELECT count(*) FROM (SELECT FROM events WHERE customer_id = ANY($1) LIMIT $2) AS found";

  private static final String DELETE_ALL = "DELETE FROM events WHERE customer_id = ANY($1)";

  private static final String NOTE =
      """
      INSERT INTO erasures (id, customer, erased_at)
      SELECT id, coalesce((SELECT customer FROM erasures WHERE id = ANY($1) ORDER BY 1 LIMIT 1), $2), $3
      FROM unnest($1::text[]) AS n (id) ORDER BY id COLLATE "C"
      ON CONFLICT (id) DO UPDATE SET erased_at = excluded.erased_at""";

  private static final String ONE_LEFT = "SELECT customer FROM erasures ORDER BY erased_at LIMIT 1";

  private static final String LEFT =
      """
      SELECT id, erased_at FROM erasures
      WHERE customer = $1 OR customer = (SELECT customer FROM erasures WHERE id = $1) ORDER BY id""";

  private static final String DONE =
      """
      DELETE FROM erasures e USING unnest($1::text[], $2::timestamptz[]) AS n (id, erased_at)
      WHERE e.id = n.id AND e.erased_at = n.erased_at""";

  /**
   * An event from before the erasure: it came before, or nothing was recorded under this id since
   * (a gateway's clock may be ahead of the database's).
   */
  private static final String ERASED =
      """
      e.customer_id = $1 AND (e.received_at <= $2 OR EXISTS (
        SELECT FROM customers c
        WHERE c.id = $1 AND c.erased_at = $2 AND NOT c.present AND c.merged_into IS NULL))""";

  private static final String DAY =
      "SELECT e.tableoid::regclass::text FROM events e WHERE " + ERASED + " LIMIT 1";

  private record Left(String id, OffsetDateTime erasedAt) {}

  private final Pool pool;
  private boolean resuming;

  EventEraser(Pool pool) {
    this.pool = pool;
  }

  /** The ids under which events of these customers are stored, their own included. */
  Future<String[]> own(SqlConnection connection, String[] customers) {
    return connection
        .preparedQuery(OWN)
        .execute(Tuple.of(customers))
        .map(
            rows -> {
              List<String> own = new ArrayList<>();
              rows.forEach(row -> own.add(row.getString(0)));
              return own.toArray(String[]::new);
            });
  }

  /**
   * Deletes the events stored under these ids in the erasure's own transaction, or notes them for
   * {@link #finish} when they are many.
   *
   * @return how many were deleted
   */
  Future<Long> begin(SqlConnection connection, String[] own, String customer, OffsetDateTime at) {
    return connection
        .preparedQuery(COUNT)
        .execute(Tuple.of(own, MOST_AT_ONCE + 1))
        .compose(
            count ->
                count.iterator().next().getLong(0) <= MOST_AT_ONCE
                    ? connection
                        .preparedQuery(DELETE_ALL)
                        .execute(Tuple.of(own))
                        .map(deleted -> (long) deleted.rowCount())
                    : connection.preparedQuery(NOTE).execute(Tuple.of(own, customer, at)).map(0L));
  }

  /**
   * Deletes what is left of the erasure that an id was part of.
   *
   * @return how many events were deleted
   */
  Future<Long> finish(String id) {
    return pool.preparedQuery(LEFT)
        .execute(Tuple.of(id))
        .compose(
            rows -> {
              List<Left> all = new ArrayList<>();
              rows.forEach(row -> all.add(new Left(row.getString(0), row.getOffsetDateTime(1))));
              if (all.isEmpty()) {
                return Future.succeededFuture(0L);
              }
              Promise<Long> done = Promise.promise();
              delete(new ArrayDeque<>(all), 0, done);
              return done.future().compose(deleted -> noted(all).map(deleted));
            });
  }

  private Future<?> noted(List<Left> all) {
    return pool.preparedQuery(DONE)
        .execute(
            Tuple.of(
                all.stream().map(Left::id).toArray(String[]::new),
                (Object) all.stream().map(Left::erasedAt).toArray(OffsetDateTime[]::new)));
  }

  /** A step at a time and no chain of futures, which millions of events would make too long. */
  private void delete(Deque<Left> left, long deleted, Promise<Long> done) {
    Left next = left.peek();
    if (next == null) {
      done.complete(deleted);
      return;
    }
    chunk(next)
        .onComplete(
            chunk -> {
              if (chunk.failed()) {
                done.fail(chunk.cause());
                return;
              }
              if (chunk.result() == NONE_LEFT) {
                left.remove();
              }
              delete(left, deleted + Math.max(0, chunk.result()), done);
            });
  }

  private static final int NONE_LEFT = -1;

  private Future<Integer> chunk(Left left) {
    Tuple of = Tuple.of(left.id, left.erasedAt);
    return pool.preparedQuery(DAY)
        .execute(of)
        .compose(
            days -> {
              if (days.size() == 0) {
                return Future.succeededFuture(NONE_LEFT);
              }
              String day = days.iterator().next().getString(0);
              return pool.preparedQuery(
                      "DELETE FROM %s WHERE ctid = ANY(ARRAY(SELECT e.ctid FROM %s e WHERE %s LIMIT %d))"
                          .formatted(day, day, ERASED, MOST_AT_ONCE))
                  .execute(of)
                  .map(RowSet<Row>::rowCount);
            });
  }

  /** Goes on with what others left: their process ended, or a statement failed. */
  void resume() {
    if (resuming) {
      return;
    }
    resuming = true;
    pool.query(ONE_LEFT)
        .execute()
        .compose(
            rows ->
                rows.size() == 0
                    ? Future.succeededFuture(0L)
                    : finish(rows.iterator().next().getString(0)))
        .onComplete(
            deleted -> {
              resuming = false;
              if (deleted.failed()) {
                log.atDebug().setCause(deleted.cause()).log("events of the erased are still there");
              } else if (deleted.result() > 0) {
                log.atInfo()
                    .addKeyValue("events_deleted", deleted.result())
                    .log("an erasure was finished");
                resume();
              }
            });
  }
}
