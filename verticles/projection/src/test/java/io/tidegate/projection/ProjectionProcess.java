package io.tidegate.projection;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.tidegate.bus.Bus;
import io.tidegate.platform.ConfigLoader;
import io.tidegate.platform.Postgres;
import io.tidegate.platform.PostgresConfig;
import io.tidegate.platform.Readiness;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A projection in a process of its own: only a process can be killed without a last word, or frozen
 * and let go. Ends with the JVM that started it, whose pipe it reads.
 */
final class ProjectionProcess implements AutoCloseable {
  private final Process process;

  private ProjectionProcess(Process process) {
    this.process = process;
  }

  static ProjectionProcess start(String kafka, String uri, Map<String, String> settings)
      throws IOException {
    Stream<String> command =
        Stream.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:TieredStopAtLevel=1",
            "-XX:+UseSerialGC",
            "-Xmx192m",
            "-cp",
            System.getProperty("java.class.path"),
            ProjectionProcess.class.getName(),
            kafka,
            uri);
    Stream<String> config = settings.entrySet().stream().map(e -> e.getKey() + "=" + e.getValue());
    return new ProjectionProcess(
        new ProcessBuilder(Stream.concat(command, config).toList())
            .redirectOutput(Redirect.DISCARD)
            .redirectError(Redirect.INHERIT)
            .start());
  }

  /** Ends it by {@code kill -9}. */
  void kill() throws InterruptedException {
    process.destroyForcibly().waitFor();
  }

  /** Stops it in the middle of whatever it does, by {@code SIGSTOP}. */
  void freeze() throws Exception {
    signal("STOP");
  }

  /** Lets it go on as if nothing had happened. */
  void thaw() throws Exception {
    signal("CONT");
  }

  boolean isRunning() {
    return process.isAlive();
  }

  private void signal(String name) throws Exception {
    Process kill = new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).start();
    if (!kill.waitFor(5, TimeUnit.SECONDS) || kill.exitValue() != 0) {
      throw new IOException("kill -" + name + " " + process.pid() + " failed");
    }
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }

  /**
   * Runs one.
   *
   * @param args Kafka's servers, the database, settings as {@code key=value}
   */
  public static void main(String[] args) throws Exception {
    Map<String, String> config = new HashMap<>();
    for (String setting : List.of(args).subList(2, args.length)) {
      int equals = setting.indexOf('=');
      config.put(setting.substring(0, equals), setting.substring(equals + 1));
    }
    Vertx vertx = Vertx.vertx();
    Harness.get(
        vertx.deployVerticle(
            new ProjectionVerticle(
                new Bus(vertx),
                ConfigLoader.section(ProjectionConfig.class, config),
                Map.of("bootstrap.servers", args[0]),
                Postgres.pool(
                    vertx,
                    ConfigLoader.section(PostgresConfig.class, Map.of("postgres.uri", args[1])),
                    "projection"),
                new SimpleMeterRegistry(),
                new Readiness())));
    while (System.in.read() >= 0) {} // until the other end closes
    Runtime.getRuntime().halt(0);
  }
}
