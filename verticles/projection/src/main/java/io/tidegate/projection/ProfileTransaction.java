package io.tidegate.projection;

import com.fasterxml.jackson.databind.node.ArrayNode;
import io.vertx.core.Future;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Transaction;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * One transaction on the profiles' database, and all the SQL of the projection. Blocks; not for
 * event loops. Locks are taken in one order everywhere: offsets, message ids, customers, each
 * sorted.
 */
final class ProfileTransaction implements AutoCloseable {
  private static final String LOCK_OFFSETS =
      """
      SELECT partition, next_offset FROM consumed_offsets
      WHERE topic_id = $1 AND partition = ANY($2) ORDER BY partition FOR UPDATE
      """;
  private static final String ADD_OFFSETS =
      """
      INSERT INTO consumed_offsets (topic_id, partition, next_offset)
      SELECT $1, partition, next_offset FROM unnest($2::int[], $3::bigint[]) AS n (partition, next_offset)
      ORDER BY partition ON CONFLICT DO NOTHING
      """;
  private static final String READ_OFFSETS =
      """
      SELECT partition, next_offset, changed_ids FROM consumed_offsets
      WHERE topic_id = $1 AND partition = ANY($2)
      """;
  private static final String ADVANCE =
      """
      UPDATE consumed_offsets o
      SET next_offset = n.next_offset, changed_ids = CASE WHEN o.partition = $4 THEN $5::text[] ELSE '{}' END
      FROM unnest($2::int[], $3::bigint[]) AS n (partition, next_offset)
      WHERE o.topic_id = $1 AND o.partition = n.partition
      """;
  private static final String RECORD_MESSAGES =
      """
      INSERT INTO message_ids (message_id, received_on)
      SELECT message_id, received_on FROM unnest($1::text[], $2::date[]) AS n (message_id, received_on)
      ORDER BY message_id COLLATE "C"
      ON CONFLICT DO NOTHING RETURNING message_id
      """;
  private static final String FORGET_MESSAGES =
      "DELETE FROM message_ids WHERE message_id = ANY($1)";
  private static final String NEIGHBOURS =
      """
      SELECT id FROM customers WHERE id = ANY($1)
      UNION SELECT merged_into FROM customers WHERE id = ANY($1) AND merged_into IS NOT NULL
      UNION SELECT id FROM customers WHERE merged_into = ANY($2)
      """;
  private static final String ADD_CUSTOMERS =
      """
      INSERT INTO customers (id) SELECT id FROM unnest($1::text[]) AS n (id)
      ORDER BY id COLLATE "C" ON CONFLICT DO NOTHING
      """;
  private static final String LOCK_CUSTOMERS =
      "SELECT to_json(c)::text FROM customers c WHERE id = ANY($1) ORDER BY id FOR UPDATE";
  private static final String LOCK_NEXT_CUSTOMERS =
      """
      SELECT to_json(c)::text FROM customers c WHERE id > $1 AND present AND merged_into IS NULL
      ORDER BY id LIMIT $2 FOR UPDATE
      """;
  private static final String SAVE_CUSTOMERS =
      """
      UPDATE customers c
      SET merged_into = n.merged_into, present = n.present, identified = n.identified, traits = n.traits,
          anonymous_ids = n.anonymous_ids, counts = n.counts, purchases = n.purchases,
          interactions = n.interactions, tags = n.tags, first_seen = n.first_seen, last_seen = n.last_seen,
          version = n.version, updated_at = now()
      FROM json_to_recordset($1::text::json) AS n (
          id text, merged_into text, present boolean, identified boolean, traits jsonb, anonymous_ids text[],
          counts jsonb, purchases bigint, interactions bigint, tags text[], first_seen timestamptz,
          last_seen timestamptz, version bigint)
      WHERE c.id = n.id
      """;
  private static final String MOVE_EVENTS =
      """
      UPDATE events e SET customer_id = n.heir FROM unnest($1::text[], $2::text[]) AS n (id, heir)
      WHERE e.customer_id = n.id
      """;
  private static final String ADD_EVENTS =
      """
      INSERT INTO events (received_at, message_id, customer_id, type, name, happened_at, source, data)
      SELECT received_at, message_id, customer_id, type, name, happened_at, source, data::jsonb
      FROM unnest($1::timestamptz[], $2::text[], $3::text[], $4::text[], $5::text[], $6::timestamptz[],
                  $7::text[], $8::text[])
        AS n (received_at, message_id, customer_id, type, name, happened_at, source, data)
      ON CONFLICT DO NOTHING
      """;
  private static final String VERSIONS =
      """
      SELECT c.id, GREATEST(c.version, m.version) AS version
      FROM customers c LEFT JOIN customers m ON m.id = c.merged_into WHERE c.id = ANY($1)
      """;
  private static final String DAYS =
      """
      SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
      WHERE i.inhparent = 'events'::regclass
      """;
  private static final String PRUNE_MESSAGES =
      """
      DELETE FROM message_ids WHERE message_id IN (
        SELECT message_id FROM message_ids WHERE received_on < $1 ORDER BY message_id LIMIT $2)
      """;
  private static final String SETTING = "SELECT value FROM settings WHERE name = $1";
  private static final String SET =
      """
      INSERT INTO settings (name, value) VALUES ($1, $2)
      ON CONFLICT (name) DO UPDATE SET value = excluded.value
      """;

  /** Where a partition stands, and the ids its last transaction changed. */
  record Stand(long nextOffset, List<String> changedIds) {}

  private final SqlConnection connection;
  private final Transaction transaction;
  private final Duration limit;
  private boolean ended;

  private ProfileTransaction(SqlConnection connection, Transaction transaction, Duration limit) {
    this.connection = connection;
    this.transaction = transaction;
    this.limit = limit;
  }

  /**
   * A new transaction.
   *
   * @param limit for each statement, and for a pause between two: a frozen node must not keep its
   *     locks
   */
  static ProfileTransaction begin(Pool pool, Duration limit)
      throws StoreException, InterruptedException {
    Future<SqlConnection> asked = pool.getConnection();
    SqlConnection connection;
    try {
      connection = await(asked, limit);
    } catch (StoreException | InterruptedException | RuntimeException e) {
      asked.onSuccess(SqlConnection::close); // it may come after all
      throw e;
    }
    Transaction transaction;
    try {
      transaction = await(connection.begin(), limit);
    } catch (StoreException | InterruptedException | RuntimeException e) {
      connection.close();
      throw e;
    }
    ProfileTransaction begun = new ProfileTransaction(connection, transaction, limit);
    try {
      String ms = Long.toString(limit.toMillis());
      begun.query(
          "SELECT set_config('statement_timeout', $1, true),"
              + " set_config('idle_in_transaction_session_timeout', $1, true)",
          Tuple.of(ms));
      return begun;
    } catch (StoreException | InterruptedException | RuntimeException e) {
      begun.close();
      throw e;
    }
  }

  /** Where partitions stand; nobody else moves them until this transaction ends. */
  Map<Integer, Long> lockOffsets(String topicId, Collection<Integer> partitions)
      throws StoreException, InterruptedException {
    Map<Integer, Long> offsets = new HashMap<>();
    for (Row row :
        query(LOCK_OFFSETS, Tuple.of(topicId, (Object) partitions.toArray(Integer[]::new)))) {
      offsets.put(row.getInteger(0), row.getLong(1));
    }
    return offsets;
  }

  /** Where partitions stand; those never seen start at the offsets given. */
  Map<Integer, Stand> stands(String topicId, Map<Integer, Long> starts)
      throws StoreException, InterruptedException {
    Integer[] partitions = starts.keySet().toArray(Integer[]::new);
    query(ADD_OFFSETS, Tuple.of(topicId, partitions, starts.values().toArray(Long[]::new)));
    Map<Integer, Stand> stands = new HashMap<>();
    for (Row row : query(READ_OFFSETS, Tuple.of(topicId, (Object) partitions))) {
      stands.put(row.getInteger(0), new Stand(row.getLong(1), List.of(row.getArrayOfStrings(2))));
    }
    return stands;
  }

  /** Moves partitions on, and keeps what has changed. */
  void advance(String topicId, Map<Integer, Long> nextOffsets, Collection<String> changedIds)
      throws StoreException, InterruptedException {
    Integer[] partitions = nextOffsets.keySet().toArray(Integer[]::new);
    query(
        ADVANCE,
        Tuple.of(
            topicId,
            partitions,
            nextOffsets.values().toArray(Long[]::new),
            partitions[0],
            strings(changedIds)));
  }

  /** Of these events' message ids those never seen before, which are remembered from now on. */
  Set<String> recordMessages(Collection<Event> events) throws StoreException, InterruptedException {
    String[] ids = events.stream().map(Event::messageId).toArray(String[]::new);
    LocalDate[] days = events.stream().map(DayPartitions::dayOf).toArray(LocalDate[]::new);
    Set<String> fresh = new HashSet<>();
    query(RECORD_MESSAGES, Tuple.of(ids, (Object) days))
        .forEach(row -> fresh.add(row.getString(0)));
    return fresh;
  }

  void forgetMessages(Collection<String> ids) throws StoreException, InterruptedException {
    query(FORGET_MESSAGES, Tuple.of((Object) strings(ids)));
  }

  /**
   * The rows of these ids, of the customers they point at and of the aliases of those about to be
   * linked; made when absent, and locked.
   */
  Map<String, Customer> lockCustomers(Set<String> ids, Set<String> linking)
      throws StoreException, InterruptedException {
    Set<String> wanted = new HashSet<>();
    query(NEIGHBOURS, Tuple.of(strings(ids), (Object) strings(linking)))
        .forEach(row -> wanted.add(row.getString(0)));
    List<String> absent = ids.stream().filter(id -> !wanted.contains(id)).toList();
    if (!absent.isEmpty()) {
      query(ADD_CUSTOMERS, Tuple.of((Object) strings(absent)));
      wanted.addAll(absent);
    }
    Map<String, Customer> customers = new LinkedHashMap<>();
    // More than one round only when somebody linked ids between looking and locking.
    for (Set<String> missing = wanted;
        !missing.isEmpty();
        missing = Ledger.missing(customers, linking)) {
      for (Row row : query(LOCK_CUSTOMERS, Tuple.of((Object) strings(missing)))) {
        Customer customer = new Customer(Json.parse(row.getString(0)));
        customers.put(customer.id(), customer);
      }
    }
    return customers;
  }

  /** Locks the next customers, by id, after one. */
  List<Customer> lockCustomersAfter(String id, int limit)
      throws StoreException, InterruptedException {
    List<Customer> customers = new ArrayList<>();
    for (Row row : query(LOCK_NEXT_CUSTOMERS, Tuple.of(id, limit))) {
      customers.add(new Customer(Json.parse(row.getString(0))));
    }
    return customers;
  }

  void save(List<Customer> customers) throws StoreException, InterruptedException {
    if (customers.isEmpty()) {
      return;
    }
    ArrayNode rows = Json.MAPPER.createArrayNode();
    customers.forEach(customer -> rows.add(customer.row()));
    query(SAVE_CUSTOMERS, Tuple.of(Json.text(rows)));
  }

  /**
   * Gives stored events to other customers.
   *
   * @param heirs customer ids by the ids that have the events now
   */
  void moveEvents(Map<String, String> heirs) throws StoreException, InterruptedException {
    if (!heirs.isEmpty()) {
      query(MOVE_EVENTS, Tuple.of(strings(heirs.keySet()), (Object) strings(heirs.values())));
    }
  }

  void addEvents(List<Ledger.Booked> booked) throws StoreException, InterruptedException {
    if (booked.isEmpty()) {
      return;
    }
    List<Event> events = booked.stream().map(Ledger.Booked::event).toList();
    query(
        ADD_EVENTS,
        Tuple.from(
            new Object[] {
              events.stream()
                  .map(e -> e.receivedAt().atOffset(ZoneOffset.UTC))
                  .toArray(OffsetDateTime[]::new),
              events.stream().map(Event::messageId).toArray(String[]::new),
              booked.stream().map(Ledger.Booked::customerId).toArray(String[]::new),
              events.stream()
                  .map(e -> e.type().name().toLowerCase(Locale.ROOT))
                  .toArray(String[]::new),
              events.stream().map(Event::name).toArray(String[]::new),
              events.stream()
                  .map(e -> e.happenedAt().atOffset(ZoneOffset.UTC))
                  .toArray(OffsetDateTime[]::new),
              events.stream().map(Event::source).toArray(String[]::new),
              events.stream().map(Event::data).toArray(String[]::new)
            }));
  }

  /** The versions that ids show now. */
  Map<String, Long> versions(Collection<String> ids) throws StoreException, InterruptedException {
    Map<String, Long> versions = new LinkedHashMap<>();
    query(VERSIONS, Tuple.of((Object) strings(ids)))
        .forEach(row -> versions.put(row.getString(0), row.getLong(1)));
    return versions;
  }

  /** Names of the tables that hold a day's events. */
  Set<String> dayTables() throws StoreException, InterruptedException {
    Set<String> tables = new HashSet<>();
    query(DAYS, Tuple.tuple()).forEach(row -> tables.add(row.getString(0)));
    return tables;
  }

  /**
   * Makes other nodes wait here that would make or drop tables too; until this transaction ends.
   */
  void lockDayTables() throws StoreException, InterruptedException {
    query("SELECT pg_advisory_xact_lock(hashtext('tidegate.events.days'))", Tuple.tuple());
  }

  /** Makes a day's table; attached when whole, so readers and writers of other days go on. */
  void addDayTable(String table, LocalDate day) throws StoreException, InterruptedException {
    run("CREATE TABLE IF NOT EXISTS " + table + " (LIKE events INCLUDING ALL)");
    run(
        "ALTER TABLE events ATTACH PARTITION %s FOR VALUES FROM ('%s 00:00:00+00') TO ('%s 00:00:00+00')"
            .formatted(table, day, day.plusDays(1)));
  }

  void dropDayTable(String table) throws StoreException, InterruptedException {
    run("DROP TABLE IF EXISTS " + table);
  }

  /** Forgets message ids that came before a day. @return how many */
  int pruneMessages(LocalDate before, int most) throws StoreException, InterruptedException {
    return query(PRUNE_MESSAGES, Tuple.of(before, most)).rowCount();
  }

  @Nullable String setting(String name) throws StoreException, InterruptedException {
    for (Row row : query(SETTING, Tuple.of(name))) {
      return row.getString(0);
    }
    return null;
  }

  void set(String name, String value) throws StoreException, InterruptedException {
    query(SET, Tuple.of(name, value));
  }

  void commit() throws StoreException, InterruptedException {
    await(transaction.commit(), limit);
    ended = true;
  }

  /** Gives the connection back; rolls back what was not committed. */
  @Override
  public void close() {
    if (ended) {
      connection.close();
    } else {
      transaction.rollback().onComplete(rolledBack -> connection.close());
    }
  }

  private RowSet<Row> query(String sql, Tuple parameters)
      throws StoreException, InterruptedException {
    return await(connection.preparedQuery(sql).execute(parameters), limit);
  }

  private void run(String sql) throws StoreException, InterruptedException {
    await(connection.query(sql).execute(), limit);
  }

  private static String[] strings(Collection<String> strings) {
    return strings.toArray(String[]::new);
  }

  private static <T> T await(Future<T> answer, Duration limit)
      throws StoreException, InterruptedException {
    try {
      // A second longer than the server's own limit, whose answer says more.
      return answer
          .toCompletionStage()
          .toCompletableFuture()
          .get(limit.toMillis() + 1_000, TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      throw new StoreException(
          cause, String.valueOf(cause.getMessage() == null ? cause : cause.getMessage()));
    } catch (TimeoutException e) {
      throw new StoreException(e, "no answer within " + limit);
    }
  }
}
