package io.tidegate.projection;

import io.vertx.sqlclient.Tuple;
import java.time.LocalDate;
import java.util.Collection;
import java.util.HashSet;
import java.util.Set;

/** The message ids seen so far, by which each event is projected once. */
final class MessageIdTable {
  private static final String RECORD =
      """
      INSERT INTO message_ids (message_id, received_on)
      SELECT message_id, received_on FROM unnest($1::text[], $2::date[]) AS n (message_id, received_on)
      ORDER BY message_id COLLATE "C"
      ON CONFLICT DO NOTHING RETURNING message_id
      """;
  private static final String FORGET = "DELETE FROM message_ids WHERE message_id = ANY($1)";
  private static final String PRUNE =
      """
      DELETE FROM message_ids WHERE message_id IN (
        SELECT message_id FROM message_ids WHERE received_on < $1 ORDER BY message_id LIMIT $2)
      """;

  private final ProfileTransaction transaction;

  MessageIdTable(ProfileTransaction transaction) {
    this.transaction = transaction;
  }

  /** Of these events' message ids those never seen before, which are remembered from now on. */
  Set<String> record(Collection<Event> events) throws StoreException, InterruptedException {
    String[] ids = events.stream().map(Event::messageId).toArray(String[]::new);
    LocalDate[] days = events.stream().map(DayPartitions::dayOf).toArray(LocalDate[]::new);
    Set<String> fresh = new HashSet<>();
    transaction
        .query(RECORD, Tuple.of(ids, (Object) days))
        .forEach(row -> fresh.add(row.getString(0)));
    return fresh;
  }

  void forget(Collection<String> ids) throws StoreException, InterruptedException {
    transaction.query(FORGET, Tuple.of((Object) ids.toArray(String[]::new)));
  }

  /** Forgets message ids that came before a day. @return how many */
  int prune(LocalDate before, int most) throws StoreException, InterruptedException {
    return transaction.query(PRUNE, Tuple.of(before, most)).rowCount();
  }
}
