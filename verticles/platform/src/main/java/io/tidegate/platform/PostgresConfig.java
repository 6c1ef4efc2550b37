package io.tidegate.platform;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** How Postgres is reached. */
@ConfigMapping(prefix = "postgres")
public interface PostgresConfig {
  /**
   * {@code postgresql://user:password@host:port/database}; the password may come by the environment
   * only.
   */
  @WithDefault("postgresql://tidegate:tidegate@127.0.0.1:5432/tidegate")
  String uri();

  /** Connections of one node for each role that uses Postgres. */
  @WithDefault("8")
  int poolSize();

  /** Who waits for a connection beyond this is refused at once. */
  @WithDefault("1000")
  int maxWaiting();

  /** How long to wait for a connection. */
  @WithDefault("2s")
  Duration connectTimeout();

  /** Postgres ends statements that take longer. */
  @WithDefault("5s")
  Duration statementTimeout();

  /**
   * Whether a connection keeps the statements that it has prepared. Not where a pooler hands its
   * sessions from one to another (PgBouncer, pool_mode = transaction): statements would be another
   * session's.
   */
  @WithDefault("true")
  boolean preparedStatements();

  /**
   * Queries for profiles that one connection sends before the first is answered. Beyond 1 they have
   * connections of their own beside {@link #poolSize}, as many; it pays where there are fewer
   * connections than {@code profile.max-queries}.
   */
  @WithDefault("1")
  int pipelining();

  static void check(PostgresConfig config, Checks checks) {
    checks
        .expect(
            Postgres.canParse(config.uri()),
            "postgres.uri",
            ConfigLoader.MASK,
            "postgresql://user:password@host:port/database")
        .between("postgres.pool-size", config.poolSize(), 1, 1_000)
        .atLeast("postgres.max-waiting", config.maxWaiting(), 0)
        .positive("postgres.connect-timeout", config.connectTimeout())
        .positive("postgres.statement-timeout", config.statementTimeout())
        .between("postgres.pipelining", config.pipelining(), 1, 1_000);
  }
}
