package io.tidegate.load;

import io.tidegate.load.SentEvents.Balance;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;

/**
 * The events in a system's database, which outlive the nodes that projected them, as their counters
 * do not.
 */
final class StoredEvents {
  private static final long POLL_MILLIS = 1_000;
  private static final String LAST = "~";
  private static final int ROWS = 10_000;

  private final String uri;

  /**
   * @param uri {@code postgresql://user:password@host:port/database}
   */
  StoredEvents(String uri) {
    this.uri = uri;
  }

  /**
   * Waits for the projection, which may be behind, as long as it gets on, and judges.
   *
   * @param patience without any progress
   * @param left hears how many events are still to come
   */
  List<Verdict> judge(SentEvents sent, EventBodies bodies, Duration patience, LongConsumer left)
      throws InterruptedException {
    try (Connection connection = Database.connect(uri)) {
      Balance balance = sent.balance(bodies, read(connection, bodies));
      long least = balance.lost();
      long since = System.nanoTime();
      while (balance.lost() > 0 && System.nanoTime() - since < patience.toNanos()) {
        left.accept(balance.lost());
        TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
        balance = sent.balance(bodies, read(connection, bodies));
        if (balance.lost() < least) {
          least = balance.lost();
          since = System.nanoTime();
        }
      }
      return List.of(balance.nothingLost(), balance.noneTwice());
    } catch (SQLException e) {
      return List.of(Verdict.unknown("no event lost: the database: " + e.getMessage()));
    }
  }

  /** The ids of a run: the column is in the order of its bytes. */
  private static SentEvents.Ids read(Connection connection, EventBodies bodies) {
    return ids -> {
      try (PreparedStatement own =
          connection.prepareStatement(
              "SELECT message_id FROM events WHERE message_id > ? AND message_id < ?")) {
        own.setString(1, bodies.prefix());
        own.setString(2, bodies.prefix() + LAST);
        own.setFetchSize(ROWS);
        try (ResultSet rows = own.executeQuery()) {
          while (rows.next()) {
            ids.accept(rows.getString(1));
          }
        }
      }
      connection.commit();
    };
  }
}
