package io.tidegate.profile;

import io.tidegate.bus.Bus;
import io.tidegate.bus.BusMap;
import io.tidegate.bus.Failure;
import io.tidegate.bus.FailureException;
import io.tidegate.bus.Trace;
import io.tidegate.proto.profile.EraseReply;
import io.tidegate.proto.profile.EraseRequest;
import io.tidegate.proto.profile.ProfileChange;
import io.tidegate.proto.profile.ProfilesChanged;
import io.vertx.core.Future;
import io.vertx.pgclient.PgException;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Erases a customer everywhere: its row, its aliases' rows and all their events in one transaction
 * (very many events after it, before the erasure is acknowledged), Redis before that commits, every
 * process's memory after it. Tombstones stay, so that late events bring nothing back.
 *
 * <p>Redis takes part before the commit, so an erasure that is acknowledged left nothing there;
 * while Redis is lost, an erasure is refused and nothing of it is done. Belongs to one event loop.
 */
final class ProfileEraser {
  private static final Logger log = LoggerFactory.getLogger(ProfileEraser.class);
  private static final int MAX_ATTEMPTS = 3;
  private static final Duration RETRY_AFTER = Duration.ofSeconds(1);

  /** Deadlock, serialization failure: the other transaction is through, so once more. */
  private static final Set<String> TRY_AGAIN = Set.of("40P01", "40001");

  /** A row to lock, should there be none; waits for whoever is inserting it at this moment. */
  private static final String TOMBSTONE =
      "INSERT INTO customers (id) VALUES ($1) ON CONFLICT (id) DO NOTHING";

  /** The customer's row and its aliases', in the order everyone locks in. */
  static final String LOCK =
      """
      SELECT id, version, present FROM customers
      WHERE id = (SELECT coalesce(merged_into, id) FROM customers WHERE id = $1)
        OR merged_into = (SELECT coalesce(merged_into, id) FROM customers WHERE id = $1)
      ORDER BY id FOR UPDATE""";

  /**
   * All of them at one moment. An alias has shown its customer's version, so all go past the
   * highest.
   */
  private static final String EMPTY =
      """
      WITH erasure AS MATERIALIZED (SELECT clock_timestamp() AS at)
      UPDATE customers SET merged_into = NULL, heir = NULL, erased_at = erasure.at, present = false,
        traits = '{}', anonymous_ids = '{}', counts = '{}', purchases = 0, interactions = 0, tags = '{}',
        first_seen = NULL, last_seen = NULL, version = $2, updated_at = now()
      FROM erasure WHERE id = ANY($1) RETURNING erased_at""";

  private final Bus bus;
  private final Pool pool;
  private final RedisTier redis;
  private final ProfileConfig config;
  private final StoreMeters meters;
  private final EventEraser events;

  ProfileEraser(Bus bus, Pool pool, RedisTier redis, ProfileConfig config, StoreMeters meters) {
    this.bus = bus;
    this.pool = pool;
    this.redis = redis;
    this.config = config;
    this.meters = meters;
    this.events = new EventEraser(pool);
  }

  /**
   * Erases the customer that an id shows.
   *
   * @return fails with {@code BAD_REQUEST}, or {@code STORE_UNAVAILABLE} when Postgres or Redis is
   *     lost; asking again is safe
   */
  Future<EraseReply> erase(EraseRequest request, Trace trace) {
    String id = ProfileIds.checked(request.getId());
    // What was erased is told, and its events go, even when the caller has given up by then.
    return attempt(id, 1)
        .onSuccess(this::tell)
        .compose(erased -> events.finish(id).map(more -> erased.and(more)))
        .map(
            erased -> {
              meters.erased.increment();
              log.atInfo()
                  .addKeyValue("customer", id)
                  .addKeyValue("existed", erased.existed)
                  .addKeyValue("ids", erased.locked.rows.size())
                  .addKeyValue("events_deleted", erased.events)
                  .addKeyValue("requested_by", request.getRequestedBy())
                  .addKeyValue("request_id", trace.requestId())
                  .log("a customer was erased");
              return EraseReply.newBuilder()
                  .setExisted(erased.existed)
                  .setEventsDeleted(erased.events)
                  .addAllChanges(erased.changes())
                  .build();
            })
        .timeout(config.eraseLimit().toMillis(), TimeUnit.MILLISECONDS)
        .recover(cause -> Future.failedFuture(failure(cause)));
  }

  private void tell(Erased erased) {
    bus.publish(
        BusMap.PROFILE_CHANGED,
        ProfilesChanged.newBuilder().addAllChanges(erased.changes()).build());
  }

  /** Goes on with erasures whose events are not all gone. */
  void resume() {
    events.resume();
  }

  private Future<Erased> attempt(String id, int number) {
    return pool.withTransaction(connection -> erase(connection, id))
        .recover(
            cause ->
                cause instanceof PgException error
                        && TRY_AGAIN.contains(error.getSqlState())
                        && number < MAX_ATTEMPTS
                    ? attempt(id, number + 1)
                    : Future.failedFuture(cause));
  }

  private Future<Erased> erase(SqlConnection connection, String id) {
    return connection
        .preparedQuery(TOMBSTONE)
        .execute(Tuple.of(id))
        .compose(done -> lock(connection, id, Set.of()))
        .compose(
            locked ->
                events
                    .own(connection, locked.ids())
                    .compose(
                        own ->
                            connection
                                .preparedQuery(EMPTY)
                                .execute(Tuple.of(locked.ids(), locked.version))
                                .compose(
                                    emptied ->
                                        events.begin(
                                            connection,
                                            own,
                                            id,
                                            emptied.iterator().next().getOffsetDateTime(0))))
                    .compose(
                        deleted ->
                            forgetInRedis(locked)
                                .map(done -> new Erased(locked, locked.existed, deleted))));
  }

  /**
   * Locks until nothing new turns up: rows that were merged in while the locks were waited for are
   * seen only by the next statement, and once the customer's own row is locked nobody can merge
   * another in.
   */
  private Future<Locked> lock(SqlConnection connection, String id, Set<String> before) {
    return connection
        .preparedQuery(LOCK)
        .execute(Tuple.of(id))
        .compose(
            rows -> {
              Set<String> ids = new TreeSet<>();
              long version = 0;
              boolean existed = false;
              for (Row row : rows) {
                ids.add(row.getString("id"));
                version = Math.max(version, row.getLong("version"));
                existed |= row.getBoolean("present");
              }
              return ids.equals(before)
                  ? Future.succeededFuture(new Locked(ids, version + 1, existed))
                  : lock(connection, id, ids);
            });
  }

  private Future<Void> forgetInRedis(Locked locked) {
    Change erased = new Change(locked.version, true);
    List<Future<Void>> all = new ArrayList<>();
    locked.rows.forEach(id -> all.add(redis.raise(id, erased)));
    return Future.all(all).mapEmpty();
  }

  private static FailureException failure(Throwable cause) {
    if (cause instanceof FailureException expected) {
      return expected;
    }
    String why =
        cause instanceof TimeoutException
            ? "the erasure has not ended in time, ask again"
            : "the erasure failed: " + cause.getMessage();
    log.atWarn().addKeyValue("reason", String.valueOf(cause.getMessage())).log("an erasure failed");
    return new FailureException(Failure.STORE_UNAVAILABLE, why, RETRY_AFTER);
  }

  private record Locked(Set<String> rows, long version, boolean existed) {
    String[] ids() {
      return rows.toArray(new String[0]);
    }
  }

  private record Erased(Locked locked, boolean existed, long events) {
    Erased and(long more) {
      return new Erased(locked, existed, events + more);
    }

    List<ProfileChange> changes() {
      return locked.rows.stream()
          .map(
              id ->
                  ProfileChange.newBuilder()
                      .setId(id)
                      .setVersion(locked.version)
                      .setErased(true)
                      .build())
          .toList();
    }
  }
}
