package io.tidegate.chaos;

import java.net.URI;
import java.sql.Array;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;

/** Postgres as the books are checked against it: a connection past all relays, for one thread. */
final class Database implements AutoCloseable {
  private static final String ROWS =
      "SELECT message_id, count(*) FROM events WHERE message_id >= ? AND message_id < ? GROUP BY 1";
  private static final String VERSIONS = "SELECT id, version FROM customers WHERE id = ANY (?)";

  /** For each customer, how many events more were counted than there are. */
  private static final String MISCOUNTED =
      """
      SELECT c.id,
             coalesce((SELECT sum(n.value::bigint) FROM jsonb_each_text(c.counts) n), 0)
             - (SELECT count(*) FROM events e WHERE e.customer_id = c.id)
      FROM customers c WHERE c.id = ANY (?)
      """;

  private final Connection connection;

  private Database(Connection connection) {
    this.connection = connection;
  }

  static Database at(String uri) throws SQLException {
    URI parts = URI.create(uri);
    String[] account = parts.getUserInfo().split(":", 2);
    Properties properties = new Properties();
    properties.setProperty("user", account[0]);
    properties.setProperty("password", account.length > 1 ? account[1] : "");
    String url = "jdbc:postgresql://" + parts.getHost() + ":" + parts.getPort() + parts.getPath();
    return new Database(DriverManager.getConnection(url, properties));
  }

  /** How many rows there are of each message id with this prefix. */
  Map<String, Integer> rows(String prefix) throws SQLException {
    Map<String, Integer> rows = new HashMap<>();
    try (PreparedStatement query = connection.prepareStatement(ROWS)) {
      query.setString(1, prefix);
      query.setString(2, prefix + "~");
      try (ResultSet result = query.executeQuery()) {
        while (result.next()) {
          rows.put(result.getString(1), result.getInt(2));
        }
      }
    }
    return rows;
  }

  /** The customers' versions; those that are not there yet are left out. */
  Map<String, Long> versions(List<String> customers) throws SQLException {
    return byCustomer(VERSIONS, customers);
  }

  /** How many events more than there are each customer's counts tell, less being negative. */
  Map<String, Long> miscounted(List<String> customers) throws SQLException {
    return byCustomer(MISCOUNTED, customers);
  }

  private Map<String, Long> byCustomer(String sql, List<String> customers) throws SQLException {
    Map<String, Long> found = new HashMap<>();
    Array ids = connection.createArrayOf("text", customers.toArray());
    try (PreparedStatement query = connection.prepareStatement(sql)) {
      query.setArray(1, ids);
      try (ResultSet result = query.executeQuery()) {
        while (result.next()) {
          found.put(result.getString(1), result.getLong(2));
        }
      }
    } finally {
      ids.free();
    }
    return found;
  }

  @Override
  public void close() throws SQLException {
    connection.close();
  }
}
