package io.tidegate.devstack;

import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/**
 * A Postgres 18 on 127.0.0.1 with the role and the database {@code tidegate}; the role may log in
 * with its password (SCRAM) and make databases, and is not a superuser.
 */
public final class PostgresServer implements AutoCloseable {
  /** The role, its password and its database. */
  static final String NAME = "tidegate";

  private static final String SETUP =
      """
      CREATE ROLE tidegate LOGIN CREATEDB PASSWORD 'tidegate'
      CREATE DATABASE tidegate OWNER tidegate
      """;
  private static final String ACCESS = "host all " + NAME + " 127.0.0.1/32 scram-sha-256\n";

  private final NativeServer server;
  private final Path home;
  private final int port;

  private PostgresServer(NativeServer server, Path home, int port) {
    this.server = server;
    this.home = home;
    this.port = port;
  }

  /**
   * A running server whose commits last.
   *
   * @param directory where data and log are kept, made if it isn't there
   * @param port where it listens; 0 takes a free one
   * @throws DevStackException when it can't be started; the message says why
   */
  public static PostgresServer start(Path directory, int port) {
    return start(directory, port, true, Account.choose(directory));
  }

  /**
   * The same for tests: quicker, for it doesn't force commits to disk (a killed server's are kept).
   */
  public static PostgresServer startUnsynced(Path directory, int port) {
    return start(directory, port, false, Account.choose(directory));
  }

  static PostgresServer start(Path directory, int wantedPort, boolean synced, Account account) {
    Path programs = Binaries.postgres(account);
    Path template = template(programs, account);
    Path data = Trees.made(directory.resolve("data"), draft -> Trees.copy(template, draft));
    account.own(data);
    Path home = real(data);
    NativeServer.endIn(home, "postgres", "INT");
    forgetOldPid(home);
    return Ports.startOn(
        wantedPort,
        port -> {
          NativeServer.Recipe recipe =
              new NativeServer.Recipe(
                  "Postgres",
                  "postgres",
                  home,
                  home.resolveSibling("postgres.log"),
                  port,
                  "INT",
                  account.as(command(programs, home, port, synced)),
                  Probe.postgres(uriOf(port, NAME)));
          return new PostgresServer(NativeServer.start(recipe), home, port);
        });
  }

  private static List<String> command(Path programs, Path home, int port, boolean synced) {
    String sync = synced ? "on" : "off";
    return List.of(
        programs.resolve("bin/postgres").toString(),
        "-D",
        home.toString(),
        "-p",
        Integer.toString(port),
        "-clisten_addresses=127.0.0.1",
        "-cunix_socket_directories=",
        "-ctimezone=UTC",
        "-clog_timezone=UTC",
        "-cmax_connections=100",
        "-cshared_buffers=64MB",
        "-cmax_wal_size=512MB",
        "-ccheckpoint_timeout=15min",
        "-cfsync=" + sync,
        "-cfull_page_writes=" + sync);
  }

  /** A fresh data directory to copy from: making one takes seconds, copying it a fraction. */
  private static Path template(Path programs, Account account) {
    String name = programs.getFileName() + "-data-1-" + account.name().toLowerCase(Locale.ROOT);
    return Trees.made(
        programs.resolveSibling(name),
        draft -> {
          account.own(draft);
          String bin = programs.resolve("bin").toString();
          String data = draft.toString();
          run(
              account.as(
                  List.of(
                      bin + "/initdb",
                      "--pgdata=" + data,
                      "--username=postgres",
                      "--auth=trust", // replaced below, before any server listens
                      "--encoding=UTF8",
                      "--locale-provider=builtin",
                      "--builtin-locale=C.UTF-8",
                      "--locale=C",
                      "--no-sync",
                      "--no-instructions")),
              "");
          run(account.as(List.of(bin + "/postgres", "--single", "-D", data, "postgres")), SETUP);
          Files.writeString(draft.resolve("pg_hba.conf"), ACCESS);
        });
  }

  private static void run(List<String> command, String input) throws IOException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    try (var stdin = process.outputWriter()) {
      stdin.write(input);
    }
    String output =
        new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    try {
      if (!process.waitFor(30, TimeUnit.SECONDS) || process.exitValue() != 0) {
        throw new IOException(command + " failed: " + output);
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }

  /**
   * A killed server leaves its pid file, and Postgres refuses to start when any process of ours has
   * been given that pid since. Whoever really holds the directory has been ended before this.
   */
  private static void forgetOldPid(Path home) {
    try {
      Files.deleteIfExists(home.resolve("postmaster.pid"));
    } catch (IOException e) {
      throw new DevStackException("cannot clear " + home.resolve("postmaster.pid") + ": " + e, e);
    }
  }

  private static Path real(Path path) {
    try {
      return path.toRealPath();
    } catch (IOException e) {
      throw new DevStackException("cannot use " + path + ": " + e, e);
    }
  }

  private static URI uriOf(int port, String database) {
    return URI.create("postgresql://" + NAME + ":" + NAME + "@127.0.0.1:" + port + "/" + database);
  }

  /** {@code postgresql://tidegate:tidegate@127.0.0.1:PORT/tidegate}. */
  public String uri() {
    return uri(NAME);
  }

  /** The same for another database of this server. */
  public String uri(String database) {
    return uriOf(port, database).toString();
  }

  /** The port it listens on, the same for the life of this object. */
  public int port() {
    return port;
  }

  /** Makes an empty database that the role {@code tidegate} owns, and returns its URI. */
  public String newDatabase(String name) {
    try (var connection = Probe.connect(uriOf(port, NAME), Duration.ofSeconds(10));
        var statement = connection.createStatement()) {
      statement.execute("CREATE DATABASE " + statement.enquoteIdentifier(name, true));
      return uri(name);
    } catch (SQLException e) {
      throw new DevStackException("cannot make database " + name + ": " + e.getMessage(), e);
    }
  }

  /** Stops cleanly, within 3 s: sessions are ended, data are written. */
  public void stop() {
    server.stop();
  }

  /** Ends it with SIGKILL, as a crash would. */
  public void killHard() {
    server.kill();
  }

  /** Freezes all its processes: connections stay open and nothing answers. */
  public void pause() {
    server.pause();
  }

  /** Lets a paused server go on. */
  public void resume() {
    server.resume();
  }

  /** Starts it again after {@link #stop} or {@link #killHard}, on the same port and data. */
  public void startAgain() {
    if (!isRunning()) {
      forgetOldPid(home);
    }
    server.startAgain();
  }

  /** Whether its process lives; a paused one does. */
  public boolean isRunning() {
    return server.isRunning();
  }

  @Override
  public void close() {
    stop();
  }
}
