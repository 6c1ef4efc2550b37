package io.tidegate.platform;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidegate.devstack.Await;
import io.tidegate.devstack.PostgresServer;
import io.tidegate.devstack.TestServers;
import io.vertx.core.Vertx;
import io.vertx.sqlclient.Pool;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class MigrationsIT {
  @Test
  void migratesOnceAndThenHasNothingToDo() {
    String uri = TestServers.newDatabase();
    assertThat(Migrations.migrate(uri)).isPositive();
    assertThat(Migrations.migrate(uri)).isZero();
  }

  @Test
  void aLostPostgresDelaysReadinessNotTheStart() throws Exception {
    Vertx vertx = Vertx.vertx();
    try (PostgresServer server = TestServers.ownPostgres()) {
      PostgresConfig config =
          ConfigLoader.section(PostgresConfig.class, Map.of("postgres.uri", server.uri()));
      server.stop();
      Readiness readiness = new Readiness();
      vertx
          .deployVerticle(new Migrations(config, readiness))
          .toCompletionStage()
          .toCompletableFuture()
          .get(5, TimeUnit.SECONDS);
      Await.until(
          "the schema check says why",
          Duration.ofSeconds(10),
          () -> readiness.report().get("schema").startsWith("schema: "));
      assertThat(readiness.report().get("schema")).doesNotContain("tidegate:tidegate");
      assertThat(readiness.ready()).isFalse();
      server.startAgain();
      Await.until("ready", Duration.ofSeconds(20), readiness::ready);

      Pool pool = Postgres.pool(vertx, config, "test");
      assertThat(
              pool.query("SELECT count(*) FROM customers")
                  .execute()
                  .map(rows -> rows.iterator().next().getLong(0))
                  .toCompletionStage()
                  .toCompletableFuture()
                  .get(5, TimeUnit.SECONDS))
          .isZero();
    } finally {
      vertx.close().toCompletionStage().toCompletableFuture().get(5, TimeUnit.SECONDS);
    }
  }

  @Test
  void theUriIsUnderstoodForJdbcWithoutShowingThePassword() {
    Postgres.Jdbc jdbc =
        Postgres.jdbc("postgresql://me:s%3Acret@db.example:6000/shop?sslmode=require");
    assertThat(jdbc.url()).isEqualTo("jdbc:postgresql://db.example:6000/shop?sslmode=require");
    assertThat(jdbc.user()).isEqualTo("me");
    assertThat(jdbc.password()).isEqualTo("s:cret");
    assertThat(jdbc).hasToString(jdbc.url());
  }
}
