package io.tidegate.load;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * A cluster of a run's own, to do harm to: {@code tidegate up --nodes N}, forgotten at its end, in
 * front of {@link Upstream}s of ours.
 */
final class OwnSystem implements AutoCloseable {
  private static final Duration READY_LIMIT = Duration.ofMinutes(3);
  private static final Duration STOP_LIMIT = Duration.ofSeconds(20);
  private static final long LOOK_MILLIS = 100;
  private static final int TRIES = 100;

  /** From a node's port to its management port. */
  private static final int MANAGEMENT = 100;

  /** Main class and command of a node's process, as the system keeps them. */
  private static final String NODE = "io.tidegate.node.Tidegate\0node\0";

  private static final Pattern POSTGRES =
      Pattern.compile(" *postgres +ready .*postgresql://[^@ ]*@127\\.0\\.0\\.1:(\\d+)/tidegate");

  private static final String POSTGRES_URI = "TIDEGATE_POSTGRES_URI";

  private final Process up;
  private final Path log;
  private final int port;
  private final int nodes;

  private OwnSystem(Process up, Path log, int port, int nodes) {
    this.up = up;
    this.log = log;
    this.port = port;
    this.nodes = nodes;
  }

  /**
   * Starts it and waits until it is ready.
   *
   * @param home where the launcher is
   * @param data for the signing key and the logs
   * @throws LoadFailure when it does not come up
   */
  static OwnSystem start(Path home, Path data, int nodes, List<Upstream> upstreams)
      throws IOException, InterruptedException {
    Files.createDirectories(data);
    Path log = data.resolve("up.log");
    int port = freePorts(nodes);
    ProcessBuilder builder =
        new ProcessBuilder(
                home.resolve("tidegate").toString(),
                "up",
                "--ephemeral",
                "--nodes=" + nodes,
                "--port=" + port,
                "--management-port=" + (port + MANAGEMENT),
                "--data-dir=" + data)
            .redirectErrorStream(true)
            .redirectOutput(log.toFile());
    builder
        .environment()
        .put(
            "TIDEGATE_UPSTREAMS_SAMPLE_ENDPOINTS",
            String.join(",", upstreams.stream().map(Upstream::address).toList()));
    OwnSystem system = new OwnSystem(builder.start(), log, port, nodes);
    try {
      system.awaitReady();
    } catch (LoadFailure | IOException | InterruptedException e) {
      system.close();
      throw e;
    }
    return system;
  }

  private void awaitReady() throws IOException, InterruptedException {
    long deadline = System.nanoTime() + READY_LIMIT.toNanos();
    while (Files.readAllLines(log).stream().noneMatch(line -> line.startsWith("Ready in"))) {
      if (up.waitFor(LOOK_MILLIS, TimeUnit.MILLISECONDS)) {
        throw new LoadFailure("`up` ended with code " + up.exitValue() + "; see " + log);
      }
      if (System.nanoTime() - deadline > 0) {
        throw new LoadFailure(
            "`up` is not ready after " + READY_LIMIT.toSeconds() + " s; see " + log);
      }
    }
  }

  /** The first of so many ports in a row, with as many for the management. */
  private static int freePorts(int nodes) {
    for (int i = 0; i < TRIES; i++) {
      int port = ThreadLocalRandom.current().nextInt(20_000, 30_000);
      if (IntStream.range(port, port + nodes).allMatch(OwnSystem::isFree)
          && IntStream.range(port + MANAGEMENT, port + MANAGEMENT + nodes)
              .allMatch(OwnSystem::isFree)) {
        return port;
      }
    }
    throw new LoadFailure("no " + nodes + " free ports in a row from 20000 to 30000");
  }

  private static boolean isFree(int port) {
    try (ServerSocket probe = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
      return probe.isBound();
    } catch (IOException e) {
      return false;
    }
  }

  /** Its Postgres: the user's, if a variable names one, else the one that {@code up} shows. */
  String postgresUri() throws IOException {
    String given = System.getenv(POSTGRES_URI);
    if (given != null && !given.isBlank()) {
      return given;
    }
    for (String line : Files.readAllLines(log)) {
      Matcher ready = POSTGRES.matcher(line);
      if (ready.matches()) {
        return Database.ofUp(ready.group(1));
      }
    }
    throw new LoadFailure("`up` tells no Postgres; see " + log);
  }

  List<URI> urls() {
    return IntStream.range(0, nodes)
        .mapToObj(node -> URI.create("http://127.0.0.1:" + (port + node)))
        .toList();
  }

  List<URI> management() {
    return IntStream.range(0, nodes)
        .mapToObj(node -> URI.create("http://127.0.0.1:" + (port + MANAGEMENT + node)))
        .toList();
  }

  /**
   * Kills one of the nodes as {@code kill -9} does; {@code up} starts it again.
   *
   * @return its process id
   */
  long killNode() {
    try (Stream<ProcessHandle> processes = up.descendants()) {
      ProcessHandle node =
          processes
              .filter(OwnSystem::isNode)
              .findFirst()
              .orElseThrow(() -> new LoadFailure("no node's process is to be found"));
      node.destroyForcibly();
      return node.pid();
    }
  }

  /** The JDK cuts command lines at 4,096 characters, and a class path is longer. */
  private static boolean isNode(ProcessHandle process) {
    try {
      return Files.readString(Path.of("/proc", Long.toString(process.pid()), "cmdline"))
          .contains(NODE);
    } catch (IOException e) {
      return false; // It has ended.
    }
  }

  @Override
  public void close() throws InterruptedException {
    up.destroy();
    if (!up.waitFor(STOP_LIMIT.toMillis(), TimeUnit.MILLISECONDS)) {
      up.descendants().forEach(ProcessHandle::destroyForcibly);
      up.destroyForcibly();
    }
  }
}
