package io.tidegate.devstack;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLSocketFactory;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.jspecify.annotations.Nullable;

/** Asks a server one question in its own protocol, to know that it answers. */
@FunctionalInterface
interface Probe {
  /** Returns when the server has answered. */
  void ask(Duration limit) throws IOException;

  /** The probe of a Postgres that somebody gave us the address of. */
  static Probe postgresAt(String address) {
    String expected = "postgresql://user:password@host:port/database";
    return postgres(uri(address, expected, "postgresql", "postgres"));
  }

  /** The probe of a Redis that somebody gave us the address of. */
  static Probe redisAt(String address) {
    return redis(uri(address, "redis://host:port", "redis", "rediss"));
  }

  private static URI uri(String address, String expected, String... schemes) {
    try {
      URI uri = new URI(address);
      if (uri.getHost() != null && List.of(schemes).contains(uri.getScheme())) {
        return uri;
      }
    } catch (URISyntaxException e) {
      // Its message would show the password.
    }
    throw new IllegalArgumentException("not a usable address (expected: " + expected + ")");
  }

  /** {@code SELECT 1} as the URI's user; takes {@code postgresql://user:password@host:port/db}. */
  static Probe postgres(URI uri) {
    return limit -> {
      try (Connection connection = connect(uri, limit);
          Statement statement = connection.createStatement()) {
        statement.execute("SELECT 1");
      } catch (SQLException e) {
        throw new IOException(e.getMessage(), e);
      }
    };
  }

  /** A plain JDBC connection to a {@code postgresql://} URI. */
  static Connection connect(URI uri, Duration limit) throws SQLException {
    Properties properties = new Properties();
    long seconds = Math.max(1, limit.toSeconds());
    properties.setProperty("connectTimeout", Long.toString(seconds));
    properties.setProperty("socketTimeout", Long.toString(Math.max(seconds, 30)));
    properties.setProperty("loginTimeout", Long.toString(seconds));
    String[] user = userInfo(uri);
    properties.setProperty("user", user[0]);
    properties.setProperty("password", user[1]);
    String query = uri.getQuery() == null ? "" : "?" + uri.getQuery();
    int port = uri.getPort() < 0 ? 5432 : uri.getPort();
    return DriverManager.getConnection(
        "jdbc:postgresql://" + uri.getHost() + ":" + port + uri.getPath() + query, properties);
  }

  /** {@code PING}; takes {@code redis[s]://[user][:password@]host[:port]}. */
  static Probe redis(URI uri) {
    return limit -> {
      int port = uri.getPort() < 0 ? 6379 : uri.getPort();
      int millis = (int) Math.max(1, limit.toMillis());
      try (Socket plain = new Socket()) {
        plain.connect(new InetSocketAddress(uri.getHost(), port), millis);
        plain.setSoTimeout(millis);
        try (Socket socket = "rediss".equals(uri.getScheme()) ? tls(plain, uri, port) : plain) {
          String[] user = userInfo(uri);
          if (!user[1].isEmpty()) {
            expect(
                socket,
                user[0].isEmpty() ? command("AUTH", user[1]) : command("AUTH", user[0], user[1]),
                "+OK");
          }
          expect(socket, command("PING"), "+PONG");
        }
      }
    };
  }

  /** Asks for the cluster's nodes; takes {@code host:port,host:port}. */
  static Probe kafka(String servers) {
    return limit -> {
      int millis = (int) Math.max(1, limit.toMillis());
      Map<String, Object> configuration =
          Map.of(
              AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, servers,
              AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, millis,
              AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, millis,
              AdminClientConfig.METRIC_REPORTER_CLASSES_CONFIG, "");
      try (Admin admin = Admin.create(configuration)) {
        admin.describeCluster().nodes().get(millis, TimeUnit.MILLISECONDS);
      } catch (ExecutionException | TimeoutException | RuntimeException e) {
        Throwable cause = e.getCause() == null ? e : e.getCause();
        throw new IOException(cause.getMessage() == null ? "no answer" : cause.getMessage(), e);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IOException("interrupted", e);
      }
    };
  }

  private static Socket tls(Socket plain, URI uri, int port) throws IOException {
    return ((SSLSocketFactory) SSLSocketFactory.getDefault())
        .createSocket(plain, uri.getHost(), port, true);
  }

  private static byte[] command(String... words) {
    StringBuilder text = new StringBuilder("*" + words.length + "\r\n");
    for (String word : words) {
      int length = word.getBytes(StandardCharsets.UTF_8).length;
      text.append('$').append(length).append("\r\n").append(word).append("\r\n");
    }
    return text.toString().getBytes(StandardCharsets.UTF_8);
  }

  private static void expect(Socket socket, byte[] command, String expected) throws IOException {
    socket.getOutputStream().write(command);
    InputStream in = socket.getInputStream();
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    for (int b = in.read(); b >= 0 && b != '\r' && line.size() < 512; b = in.read()) {
      line.write(b);
    }
    in.skipNBytes(1);
    String answer = line.toString(StandardCharsets.UTF_8);
    if (!answer.equals(expected)) {
      throw new IOException("answered " + answer + " (expected: " + expected + ")");
    }
  }

  /** User and password, empty where there are none. */
  private static String[] userInfo(URI uri) {
    @Nullable String raw = uri.getRawUserInfo();
    String[] parts = raw == null ? new String[0] : raw.split(":", 2);
    return new String[] {
      parts.length > 0 ? URLDecoder.decode(parts[0], StandardCharsets.UTF_8) : "",
      parts.length > 1 ? URLDecoder.decode(parts[1], StandardCharsets.UTF_8) : ""
    };
  }
}
