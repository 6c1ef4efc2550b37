package io.tidegate.platform;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidegate.devstack.TestServers;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PostgresIT {
  private static final String KEPT = "SELECT count(*) FROM pg_prepared_statements";

  private final Vertx vertx = Vertx.vertx();

  @AfterEach
  void close() throws Exception {
    await(vertx.close());
  }

  @ParameterizedTest
  @CsvSource({"true, 1", "false, 0"})
  void aConnectionKeepsStatementsOrNot(String prepared, long kept) throws Exception {
    PostgresConfig config =
        config("postgres.pool-size", "1", "postgres.prepared-statements", prepared);
    SqlClient client = Postgres.pool(vertx, config, "test");
    for (int i = 0; i < 3; i++) {
      assertThat(number(client.preparedQuery("SELECT $1::int + 1").execute(Tuple.of(i))))
          .isEqualTo(i + 1);
    }
    assertThat(number(client.query(KEPT).execute())).isEqualTo(kept);
  }

  @Test
  void queriesShareConnections() throws Exception {
    SqlClient client =
        Postgres.pipelined(
            vertx, config("postgres.pool-size", "1", "postgres.pipelining", "8"), "test");
    List<Future<RowSet<Row>>> all = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      all.add(client.preparedQuery("SELECT $1::int, pg_backend_pid()").execute(Tuple.of(i)));
    }
    Set<Integer> backends = new HashSet<>();
    for (int i = 0; i < all.size(); i++) {
      Row row = await(all.get(i)).iterator().next();
      assertThat(row.getInteger(0)).isEqualTo(i);
      backends.add(row.getInteger(1));
    }
    assertThat(backends).hasSize(1);
  }

  @Test
  void pipeliningIsBounded() {
    assertThatThrownBy(() -> config("postgres.pipelining", "0"))
        .hasMessageContaining("postgres.pipelining: 0 (expected: 1 to 1000)");
  }

  private static PostgresConfig config(String... keysAndValues) {
    Map<String, String> values = new HashMap<>();
    values.put("postgres.uri", TestServers.newDatabase());
    for (int i = 0; i < keysAndValues.length; i += 2) {
      values.put(keysAndValues[i], keysAndValues[i + 1]);
    }
    return ConfigLoader.section(
        new ConfigSection<>(PostgresConfig.class, PostgresConfig::check), values);
  }

  private static long number(Future<RowSet<Row>> rows) throws Exception {
    return await(rows).iterator().next().getLong(0);
  }

  private static <T> T await(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
  }
}
