package io.tidegate.bench;

import java.net.URI;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Locale;

/** Customers as the projection leaves them in Postgres, {@code bench-1} to {@code bench-N}. */
final class Customers {
  private static final String ADD =
      """
      INSERT INTO customers (id, present, identified, traits, counts, purchases, interactions, tags,
        first_seen, last_seen, version)
      SELECT 'bench-' || n, true, true,
        jsonb_build_object('name', 'Customer ' || n, 'email', 'c' || n || '@example.com', 'city', 'Hangzhou'),
        '{"product_viewed": 12, "order_completed": 3}', 3, 15, '{potential}',
        now() - interval '30 days', now(), 15
      FROM generate_series(?, ?) AS n
      """;

  private Customers() {}

  /** The id of one of them. */
  static String id(long number) {
    return "bench-" + number;
  }

  /**
   * Makes sure that there are so many.
   *
   * @param uri of a database whose schema a node has made
   */
  static void ensure(Bench bench, String uri, long count) {
    try (Connection connection = connect(uri);
        Statement statement = connection.createStatement()) {
      long known;
      try (var rows =
          statement.executeQuery("SELECT count(*) FROM customers WHERE id LIKE 'bench-%'")) {
        rows.next();
        known = rows.getLong(1);
      }
      if (known >= count) {
        return;
      }
      bench.say(String.format(Locale.ROOT, "adding customers up to %,d", count));
      try (PreparedStatement add = connection.prepareStatement(ADD)) {
        add.setLong(1, known + 1);
        add.setLong(2, count);
        add.executeUpdate();
      }
      statement.execute("VACUUM ANALYZE customers");
    } catch (SQLException e) {
      throw new BenchFailure("customers can't be added: " + e.getMessage());
    }
  }

  static Connection connect(String uri) throws SQLException {
    URI parsed = URI.create(uri);
    String[] user = parsed.getUserInfo().split(":", 2);
    return DriverManager.getConnection(
        "jdbc:postgresql://" + parsed.getHost() + ":" + parsed.getPort() + parsed.getPath(),
        user[0],
        user[1]);
  }
}
