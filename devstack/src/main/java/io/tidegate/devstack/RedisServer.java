package io.tidegate.devstack;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * A Redis 6.2 on 127.0.0.1 that keeps its data over restarts (append-only file, synced each second)
 * and evicts the least recently used keys beyond 256 MB.
 */
public final class RedisServer implements AutoCloseable {
  private final NativeServer server;
  private final int port;

  private RedisServer(NativeServer server, int port) {
    this.server = server;
    this.port = port;
  }

  /**
   * A running server.
   *
   * @param directory where data and log are kept, made if it isn't there
   * @param wantedPort where it listens; 0 takes a free one
   * @throws DevStackException when it can't be started; the message says why
   */
  public static RedisServer start(Path directory, int wantedPort) {
    Path program = Binaries.redis();
    Path home = makeHome(directory);
    return Ports.startOn(
        wantedPort,
        port ->
            new RedisServer(
                NativeServer.start(
                    new NativeServer.Recipe(
                        "Redis",
                        "redis-server",
                        home,
                        home.resolveSibling("redis.log"),
                        port,
                        "TERM",
                        command(program, home, port),
                        Probe.redis(uriOf(port)))),
                port));
  }

  private static Path makeHome(Path directory) {
    try {
      return Files.createDirectories(directory.resolve("data")).toRealPath();
    } catch (IOException e) {
      throw new DevStackException("cannot use " + directory + ": " + e, e);
    }
  }

  private static List<String> command(Path program, Path home, int port) {
    return List.of(
        program.toString(),
        "--bind",
        "127.0.0.1",
        "--port",
        Integer.toString(port),
        "--dir",
        home.toString(),
        "--appendonly",
        "yes",
        "--appendfsync",
        "everysec",
        "--save",
        "",
        "--maxmemory",
        "256mb",
        "--maxmemory-policy",
        "allkeys-lru");
  }

  private static URI uriOf(int port) {
    return URI.create("redis://127.0.0.1:" + port);
  }

  /** {@code redis://127.0.0.1:PORT}. */
  public String uri() {
    return uriOf(port).toString();
  }

  /** The port it listens on, the same for the life of this object. */
  public int port() {
    return port;
  }

  /** Stops cleanly, within 3 s, with all data written. */
  public void stop() {
    server.stop();
  }

  /** Ends it with SIGKILL, as a crash would: writes of the last second may be lost. */
  public void killHard() {
    server.kill();
  }

  /** Freezes it: connections stay open and nothing answers. */
  public void pause() {
    server.pause();
  }

  /** Lets a paused server go on. */
  public void resume() {
    server.resume();
  }

  /** Starts it again after {@link #stop} or {@link #killHard}, on the same port and data. */
  public void startAgain() {
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
