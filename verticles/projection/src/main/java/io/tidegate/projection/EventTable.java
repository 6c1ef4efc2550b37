package io.tidegate.projection;

import io.vertx.sqlclient.Tuple;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** The events by customer, and the tables that hold a day of them each. */
final class EventTable {
  private static final String ADD =
      """
      INSERT INTO events (received_at, message_id, customer_id, type, name, happened_at, source, data)
      SELECT received_at, message_id, customer_id, type, name, happened_at, source, data::jsonb
      FROM unnest($1::timestamptz[], $2::text[], $3::text[], $4::text[], $5::text[], $6::timestamptz[],
                  $7::text[], $8::text[])
        AS n (received_at, message_id, customer_id, type, name, happened_at, source, data)
      ON CONFLICT DO NOTHING
      """;
  private static final String DAYS =
      """
      SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
      WHERE i.inhparent = 'events'::regclass
      """;

  private final ProfileTransaction transaction;

  EventTable(ProfileTransaction transaction) {
    this.transaction = transaction;
  }

  void add(List<Ledger.Booked> booked) throws StoreException, InterruptedException {
    if (booked.isEmpty()) {
      return;
    }
    List<Event> events = booked.stream().map(Ledger.Booked::event).toList();
    transaction.query(
        ADD,
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

  /** Names of the tables that hold a day's events. */
  Set<String> dayTables() throws StoreException, InterruptedException {
    Set<String> tables = new HashSet<>();
    transaction.query(DAYS, Tuple.tuple()).forEach(row -> tables.add(row.getString(0)));
    return tables;
  }

  /**
   * Makes other nodes wait here that would make or drop tables too; until this transaction ends.
   */
  void lockDayTables() throws StoreException, InterruptedException {
    transaction.query(
        "SELECT pg_advisory_xact_lock(hashtext('tidegate.events.days'))", Tuple.tuple());
  }

  /** Makes a day's table; attached when whole, so readers and writers of other days go on. */
  void addDayTable(String table, LocalDate day) throws StoreException, InterruptedException {
    transaction.run("CREATE TABLE IF NOT EXISTS " + table + " (LIKE events INCLUDING ALL)");
    transaction.run(
        "ALTER TABLE events ATTACH PARTITION %s FOR VALUES FROM ('%s 00:00:00+00') TO ('%s 00:00:00+00')"
            .formatted(table, day, day.plusDays(1)));
  }

  void dropDayTable(String table) throws StoreException, InterruptedException {
    transaction.run("DROP TABLE IF EXISTS " + table);
  }
}
