package io.tidegate.devstack;

import static io.tidegate.devstack.ServerData.sql;
import static io.tidegate.devstack.ServerData.sqlValue;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.SQLException;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PostgresServerIT {
  @Test
  void dataSurviveStopKillAndPause() throws Exception {
    PostgresServer server = TestServers.ownPostgres();
    String uri = server.uri();
    sql(uri, "CREATE TABLE t (n int)", "INSERT INTO t VALUES (1)");

    server.stop();
    assertThat(server.isRunning()).isFalse();
    assertThatThrownBy(() -> sql(uri, "SELECT 1")).isInstanceOf(SQLException.class);
    server.startAgain();
    sql(uri, "INSERT INTO t VALUES (2)");

    server.killHard();
    assertThat(server.isRunning()).isFalse();
    assertThatThrownBy(() -> sql(uri, "SELECT 1")).isInstanceOf(SQLException.class);
    server.startAgain();
    assertThat(server.uri()).isEqualTo(uri);
    assertThat(sqlValue(uri, "SELECT count(*) FROM t")).isEqualTo("2");

    server.pause();
    assertThat(server.isRunning()).isTrue();
    String impatient = uri + "?socketTimeout=1&connectTimeout=1";
    assertThatThrownBy(() -> sql(impatient, "SELECT 1")).isInstanceOf(SQLException.class);
    server.resume();
    assertThat(sqlValue(uri, "SELECT count(*) FROM t")).isEqualTo("2");

    server.pause();
    server.stop();
    assertThat(server.isRunning()).isFalse();
  }

  @Test
  void pauseStopsOpenSessionsToo() throws Exception {
    PostgresServer server = TestServers.ownPostgres();
    String uri = server.uri() + "?socketTimeout=1";
    try (var connection = Probe.connect(URI.create(uri), Duration.ofSeconds(5));
        var statement = connection.createStatement()) {
      statement.execute("SELECT 1");
      server.pause();
      assertThatThrownBy(() -> statement.execute("SELECT 1")).isInstanceOf(SQLException.class);
    }
    server.killHard();
    server.close();
  }

  @Test
  void theRoleIsNoSuperuserAndNeedsItsPassword() throws Exception {
    String uri = TestServers.postgres().uri();
    assertThat(sqlValue(uri, "SELECT rolsuper FROM pg_roles WHERE rolname = current_user"))
        .isEqualTo("f");
    assertThat(sqlValue(uri, "SHOW server_encoding")).isEqualTo("UTF8");
    assertThat(sqlValue(uri, "SHOW fsync")).isEqualTo("off");
    String wrong = uri.replace("tidegate:tidegate@", "tidegate:guess@");
    assertThatThrownBy(() -> sql(wrong, "SELECT 1")).hasMessageContaining("password");
    String superuser = uri.replace("tidegate:tidegate@", "postgres:tidegate@");
    assertThatThrownBy(() -> sql(superuser, "SELECT 1")).hasMessageContaining("pg_hba.conf");
  }

  @Test
  void newDatabasesAreApart() throws Exception {
    String first = TestServers.newDatabase();
    String second = TestServers.newDatabase();
    sql(first, "CREATE TABLE t (n int)");
    sql(second, "CREATE TABLE t (n int)");
    assertThat(first).isNotEqualTo(second).contains("127.0.0.1");
    assertThatThrownBy(() -> TestServers.postgres().newDatabase("tidegate"))
        .isInstanceOf(DevStackException.class)
        .hasMessageContaining("already exists");
  }

  @Test
  void syncsCommitsUnlessToldNotTo(@TempDir Path directory) throws Exception {
    try (PostgresServer server = PostgresServer.start(directory, 0)) {
      assertThat(sqlValue(server.uri(), "SHOW fsync")).isEqualTo("on");
      assertThatThrownBy(server::startAgain).hasMessageContaining("is running");
    }
  }

  @Test
  void runsAsNobodyWhereNamespacesAreForbidden(@TempDir Path directory) throws Exception {
    assumeTrue(Account.NOBODY.works(directory), "needs root");
    Account[] accounts = {Account.NOBODY, Account.choose(directory), Account.NOBODY};
    for (Account account : accounts) {
      try (PostgresServer server = PostgresServer.start(directory, 0, false, account)) {
        sql(server.uri(), "CREATE TABLE IF NOT EXISTS t (n int)", "INSERT INTO t VALUES (1)");
      }
    }
  }

  @Test
  void rootCanUseTheDirectoryOfAUserWhoseHomeIsClosed(@TempDir Path home) throws Exception {
    assumeTrue(Account.NOBODY.works(home), "needs root");
    Files.setPosixFilePermissions(home, PosixFilePermissions.fromString("rwx------"));
    Files.setAttribute(home, "unix:uid", 1_000);
    try (PostgresServer server = PostgresServer.startUnsynced(home.resolve("data"), 0)) {
      assertThat(sqlValue(server.uri(), "SELECT 1")).isEqualTo("1");
    }
  }

  @Test
  void aTakenPortIsSaid(@TempDir Path directory) {
    int taken = TestServers.redis().port();
    assertThatThrownBy(() -> PostgresServer.startUnsynced(directory, taken))
        .isInstanceOf(DevStackException.class)
        .hasMessage("port " + taken + " is taken by another process (wanted for Postgres)");
  }
}
