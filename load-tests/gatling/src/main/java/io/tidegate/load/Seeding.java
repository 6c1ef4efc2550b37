package io.tidegate.load;

import java.io.IOException;
import java.io.StringReader;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Locale;
import java.util.function.LongConsumer;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyManager;

/**
 * Writes customers as the projection would have left them: table {@code customers}, by COPY, some
 * ten thousand a transaction. A customer who is there already is left alone.
 */
final class Seeding implements AutoCloseable {
  private static final int CHUNK = 20_000;
  private static final String COLUMNS =
      "id, present, identified, traits, counts, purchases, interactions, tags, first_seen,"
          + " last_seen, version";
  private static final List<String> NAMES =
      List.of("Li Na", "Wang Wei", "Zhang Min", "Chen Jie", "Liu Yang", "Zhao Lei", "Sun Yue");
  private static final List<String> CITIES =
      List.of("Shanghai", "Beijing", "Hangzhou", "Shenzhen", "Chengdu", "Wuhan");
  private static final List<String> LEVELS = List.of("basic", "silver", "gold", "black");

  private final Connection connection;

  private Seeding(Connection connection) {
    this.connection = connection;
  }

  /**
   * A connection to the database.
   *
   * @param uri {@code postgresql://user:password@host:port/database}
   */
  static Seeding into(String uri) throws SQLException {
    Connection connection = Database.connect(uri);
    try (Statement statement = connection.createStatement()) {
      // A run that a crash undoes in part is gone on with.
      statement.execute("SET synchronous_commit = off");
      statement.execute(
          "CREATE TEMPORARY TABLE seed ON COMMIT DELETE ROWS AS SELECT "
              + COLUMNS
              + " FROM customers WITH NO DATA");
    }
    connection.commit();
    return new Seeding(connection);
  }

  /**
   * Adds whoever of the customers is missing.
   *
   * @param done hears how many are there
   * @return how many were added
   */
  long run(int customers, LongConsumer done) throws SQLException, IOException {
    CopyManager copy = connection.unwrap(PGConnection.class).getCopyAPI();
    long added = 0;
    for (int from = 1; from <= customers; from += CHUNK) {
      int to = Math.min(customers, from + CHUNK - 1);
      if (there(from, to) < to - from + 1) {
        copy.copyIn("COPY seed FROM STDIN", new StringReader(rows(from, to)));
        try (Statement statement = connection.createStatement()) {
          added +=
              statement.executeLargeUpdate(
                  "INSERT INTO customers (%s) SELECT %s FROM seed ORDER BY id ON CONFLICT DO NOTHING"
                      .formatted(COLUMNS, COLUMNS));
        }
      }
      connection.commit();
      done.accept(to);
    }
    try (Statement statement = connection.createStatement()) {
      statement.execute("ANALYZE customers");
    }
    connection.commit();
    return added;
  }

  /** Ids of one length are in the order of their ranks. */
  private long there(int from, int to) throws SQLException {
    try (PreparedStatement count =
        connection.prepareStatement(
            "SELECT count(*) FROM customers WHERE id >= ? AND id <= ? AND length(id) = ?")) {
      count.setString(1, Customers.id(from));
      count.setString(2, Customers.id(to));
      count.setInt(3, Customers.id(from).length());
      try (ResultSet result = count.executeQuery()) {
        result.next();
        return result.getLong(1);
      }
    }
  }

  /** COPY's text format: columns by tabs, rows by line ends. */
  static String rows(int from, int to) {
    StringBuilder rows = new StringBuilder((to - from + 1) * 320);
    for (int rank = from; rank <= to; rank++) {
      int views = 1 + rank % 40;
      int purchases = rank % 9;
      rows.append(
          String.format(
              Locale.ROOT,
              "%s\tt\tt\t{\"name\": \"%s\", \"email\": \"%s@example.com\", \"city\": \"%s\", \"level\": \"%s\"}"
                  + "\t{\"Product Viewed\": %d, \"Order Completed\": %d}\t%d\t%d\t{%s}"
                  + "\t2026-01-%02d 08:00:00+00\t2026-06-%02d 20:00:00+00\t1\n",
              Customers.id(rank),
              one(NAMES, rank),
              Customers.id(rank),
              one(CITIES, rank / 7),
              one(LEVELS, rank / 3),
              views,
              purchases,
              purchases,
              views + purchases,
              purchases > 5 && views + purchases > 10 ? "high-value" : "potential",
              1 + rank % 28,
              1 + rank % 17));
    }
    return rows.toString();
  }

  private static String one(List<String> of, int index) {
    return of.get(index % of.size());
  }

  @Override
  public void close() throws SQLException {
    connection.close();
  }
}
