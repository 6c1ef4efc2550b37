package io.tidegate.platform;

import io.vertx.core.Vertx;
import io.vertx.core.net.NetClientOptions;
import io.vertx.pgclient.PgBuilder;
import io.vertx.pgclient.PgConnectOptions;
import io.vertx.sqlclient.ClientBuilder;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.PoolOptions;
import io.vertx.sqlclient.SqlClient;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Makes pools of Postgres connections that are bounded in number, waiting and time. */
public final class Postgres {
  private Postgres() {}

  /**
   * A pool for one role; close it when the role stops. Connects lazily, so a lost Postgres does not
   * stop a start.
   */
  public static Pool pool(Vertx vertx, PostgresConfig config, String name) {
    return build(PgBuilder.pool(), vertx, config, name);
  }

  /**
   * The same for queries only, which share connections: each has up to {@link
   * PostgresConfig#pipelining} under way.
   */
  public static SqlClient pipelined(Vertx vertx, PostgresConfig config, String name) {
    return build(PgBuilder.client(), vertx, config, name);
  }

  private static <C extends SqlClient> C build(
      ClientBuilder<C> builder, Vertx vertx, PostgresConfig config, String name) {
    PgConnectOptions connect =
        PgConnectOptions.fromUri(config.uri())
            .setCachePreparedStatements(config.preparedStatements())
            // Prepares and runs within one round trip, for the next may be another session's.
            .setUseLayer7Proxy(!config.preparedStatements())
            .setPipeliningLimit(config.pipelining())
            .addProperty("application_name", "tidegate-" + name)
            .addProperty("statement_timeout", Long.toString(config.statementTimeout().toMillis()));
    PoolOptions pool =
        new PoolOptions()
            .setName("postgres-" + name)
            .setMaxSize(config.poolSize())
            .setMaxWaitQueueSize(config.maxWaiting())
            .setConnectionTimeout(Math.toIntExact(config.connectTimeout().toMillis()))
            .setConnectionTimeoutUnit(TimeUnit.MILLISECONDS)
            .setIdleTimeout(60)
            .setIdleTimeoutUnit(TimeUnit.SECONDS);
    NetClientOptions net =
        new NetClientOptions()
            .setConnectTimeout(Math.toIntExact(config.connectTimeout().toMillis()))
            .setTcpKeepAlive(true)
            // A peer that was cut off says nothing; the kernel would repeat itself for minutes.
            // Native transports only.
            .setTcpUserTimeout(
                Math.toIntExact(config.statementTimeout().multipliedBy(2).toMillis()));
    return builder.with(pool).with(net).connectingTo(connect).using(vertx).build();
  }

  /** Whether pools and migrations can both make sense of it; their own errors would quote it. */
  static boolean canParse(String uri) {
    if (!uri.startsWith("postgresql://") && !uri.startsWith("postgres://")) {
      return false;
    }
    try {
      PgConnectOptions options = PgConnectOptions.fromUri(uri);
      return URI.create(uri).getHost() != null
          && !jdbc(uri).url().isEmpty()
          && options.getPort() > 0
          && options.getPort() <= 65_535;
    } catch (RuntimeException e) {
      return false;
    }
  }

  /** The same database for JDBC, with which migrations run. */
  static Jdbc jdbc(String uri) {
    URI parsed = URI.create(uri);
    String userInfo = parsed.getRawUserInfo() == null ? "" : parsed.getRawUserInfo();
    int colon = userInfo.indexOf(':');
    String query = parsed.getRawQuery() == null ? "" : "?" + parsed.getRawQuery();
    return new Jdbc(
        "jdbc:postgresql://"
            + parsed.getHost()
            + ":"
            + (parsed.getPort() < 0 ? 5432 : parsed.getPort())
            + parsed.getRawPath()
            + query,
        decoded(colon < 0 ? userInfo : userInfo.substring(0, colon)),
        colon < 0 ? null : decoded(userInfo.substring(colon + 1)));
  }

  private static String decoded(String part) {
    return URLDecoder.decode(part.replace("+", "%2B"), StandardCharsets.UTF_8);
  }

  record Jdbc(String url, String user, @Nullable String password) {
    @Override
    public String toString() {
      return url; // the password must not reach a log
    }
  }
}
