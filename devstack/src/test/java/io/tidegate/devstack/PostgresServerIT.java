package io.tidegate.devstack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class PostgresServerIT {
  private final PostgresServer server = TestServers.ownPostgres();

  @Test
  void dataSurviveStopAndKill() throws Exception {
    execute("CREATE TABLE t (n int)");
    execute("INSERT INTO t VALUES (1)");
    long begin = System.nanoTime();
    server.stop();
    System.err.println("stop " + (System.nanoTime() - begin) / 1000000);
    assertThat(server.isRunning()).isFalse();
    assertThatThrownBy(() -> execute("SELECT 1")).isInstanceOf(SQLException.class);
    begin = System.nanoTime();
    server.startAgain();
    System.err.println("start " + (System.nanoTime() - begin) / 1000000);
    execute("INSERT INTO t VALUES (2)");
    server.killHard();
    assertThatThrownBy(() -> execute("SELECT 1")).isInstanceOf(SQLException.class);
    begin = System.nanoTime();
    server.startAgain();
    System.err.println("start " + (System.nanoTime() - begin) / 1000000);
    assertThat(queryInt("SELECT count(*) FROM t")).isEqualTo(2);
  }

  private void execute(String sql) throws SQLException {
    try (Connection connection = connect();
        var statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private int queryInt(String sql) throws SQLException {
    try (Connection connection = connect();
        var statement = connection.createStatement();
        var rows = statement.executeQuery(sql)) {
      rows.next();
      return rows.getInt(1);
    }
  }

  private Connection connect() throws SQLException {
    return Probe.connect(URI.create(server.uri()), Duration.ofSeconds(2));
  }
}
