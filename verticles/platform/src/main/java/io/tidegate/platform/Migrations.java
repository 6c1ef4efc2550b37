package io.tidegate.platform;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.VerticleBase;
import java.time.Duration;
import org.flywaydb.core.Flyway;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings the database's schema up to this version (Flyway, {@code db/migration}). A lost Postgres
 * does not stop the node's start: it is tried again until it works, and until then the node is not
 * ready. Nodes that start at once wait for each other by Flyway's own lock.
 */
public final class Migrations extends VerticleBase {
  private static final Logger log = LoggerFactory.getLogger(Migrations.class);
  private static final Duration RETRY = Duration.ofSeconds(1);

  private final PostgresConfig config;
  private final Promise<Void> done = Promise.promise();
  private volatile String state = "schema not yet checked";
  private boolean told;

  public Migrations(PostgresConfig config, Readiness readiness) {
    this.config = config;
    readiness.register("schema", () -> state);
  }

  @Override
  public Future<?> start() {
    attempt();
    return Future.succeededFuture();
  }

  /** Completes when the schema is up to date, which may take as long as Postgres is away. */
  public Future<Void> done() {
    return done.future();
  }

  private void attempt() {
    vertx
        .<Integer>executeBlocking(() -> migrate(config))
        .onComplete(
            applied -> {
              if (applied.succeeded()) {
                state = Readiness.OK;
                done.tryComplete();
                log.atInfo()
                    .addKeyValue("applied", applied.result())
                    .log("the schema is up to date");
                return;
              }
              state = "schema: " + firstLine(applied.cause());
              if (!told) {
                told = true;
                log.atWarn()
                    .addKeyValue("reason", firstLine(applied.cause()))
                    .log("can't migrate, trying again");
              }
              vertx.setTimer(RETRY.toMillis(), timer -> attempt());
            });
  }

  /**
   * Migrates now; blocks.
   *
   * @return how many migrations were applied
   */
  public static int migrate(PostgresConfig config) {
    return migrate(config.uri());
  }

  /** The same for a URI. */
  public static int migrate(String uri) {
    Postgres.Jdbc jdbc = Postgres.jdbc(uri);
    return Flyway.configure(Migrations.class.getClassLoader())
        .dataSource(jdbc.url(), jdbc.user(), jdbc.password())
        .locations("classpath:db/migration")
        .failOnMissingLocations(true)
        .connectRetries(0)
        .load()
        .migrate()
        .migrationsExecuted;
  }

  private static String firstLine(Throwable cause) {
    String message = String.valueOf(cause.getMessage()).strip();
    int end = message.indexOf('\n');
    return end < 0 ? message : message.substring(0, end);
  }
}
