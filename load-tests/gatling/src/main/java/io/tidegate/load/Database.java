package io.tidegate.load;

import java.net.URI;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Properties;

/** Connections to a system's Postgres. */
final class Database {
  private static final String EXPECTED = "postgresql://user:password@host:port/database";

  private Database() {}

  /** The URI of the one that {@code up} runs. */
  static String ofUp(String port) {
    return "postgresql://tidegate:tidegate@127.0.0.1:" + port + "/tidegate";
  }

  /**
   * A connection that commits when it is told to.
   *
   * @param uri {@code postgresql://user:password@host:port/database}
   * @throws LoadFailure when the URI is none
   */
  static Connection connect(String uri) throws SQLException {
    URI parsed;
    try {
      parsed = URI.create(uri);
    } catch (IllegalArgumentException e) {
      throw new LoadFailure("--postgres-uri: not a URI (expected: " + EXPECTED + ")");
    }
    String user = parsed.getUserInfo();
    if (parsed.getHost() == null || user == null || !user.contains(":")) {
      throw new LoadFailure("--postgres-uri: incomplete (expected: " + EXPECTED + ")");
    }
    Properties properties = new Properties();
    properties.setProperty("user", user.substring(0, user.indexOf(':')));
    properties.setProperty("password", user.substring(user.indexOf(':') + 1));
    properties.setProperty("connectTimeout", "5");
    int port = parsed.getPort() < 0 ? 5432 : parsed.getPort();
    Connection connection =
        DriverManager.getConnection(
            "jdbc:postgresql://" + parsed.getHost() + ":" + port + parsed.getPath(), properties);
    connection.setAutoCommit(false);
    return connection;
  }
}
