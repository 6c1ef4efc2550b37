package io.tidegate.chaos;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One node in a process of its own: the command {@code node}, run by this process's own Java from
 * its own class path. It can be started again and again, on the same ports and with the same
 * configuration.
 */
final class NodeProcess implements AutoCloseable {
  /** As the launcher starts it; named, since nobody may depend on the node's module. */
  private static final String MAIN = "io.tidegate.node.Tidegate";

  /** Many small processes on few processors: the quick compiler, the small collector. */
  private static final List<String> FRUGAL =
      List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx384m");

  private static final long LOOK_MILLIS = 50;
  private static final Duration READY_LIMIT = Duration.ofSeconds(90);
  private static final Duration END_LIMIT = Duration.ofSeconds(20);

  private final int number;
  private final NodeSettings settings;
  private final Network network;
  private final HttpClient client;
  private final Path log;
  private @Nullable Process process;
  private long started;

  NodeProcess(int number, NodeSettings settings, Network network, HttpClient client) {
    this.number = number;
    this.settings = settings;
    this.network = network;
    this.client = client;
    this.log = settings.directory().resolve("node-" + number + ".log");
  }

  /** Starts the process and returns at once. */
  void start() {
    List<String> command = new ArrayList<>(network.prefix(number));
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
        .filter(NodeProcess::isForNodes)
        .forEach(command::add);
    command.addAll(FRUGAL);
    command.addAll(settings.properties());
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), MAIN));
    command.addAll(settings.arguments(number));
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
    builder.environment().keySet().removeIf(name -> name.startsWith("TIDEGATE_"));
    builder.environment().putAll(settings.environment(number));
    started = System.nanoTime();
    try {
      process = builder.start();
    } catch (IOException e) {
      throw new ChaosFailure("node " + number + " can not be started: " + e.getMessage());
    }
  }

  /** Agents, heap sizes, collectors and properties are this process's own. */
  private static boolean isForNodes(String argument) {
    return !argument.startsWith("-javaagent")
        && !argument.startsWith("-agent")
        && !argument.startsWith("-D")
        && !argument.startsWith("-Xm")
        && !argument.startsWith("-XX:TieredStopAtLevel")
        && !argument.matches("-XX:\\+Use[A-Za-z]+GC");
  }

  /** Waits until readiness says yes. */
  void awaitReady() throws InterruptedException {
    long deadline = System.nanoTime() + READY_LIMIT.toNanos();
    while (!isReady()) {
      Process running = running();
      if (running.waitFor(LOOK_MILLIS, TimeUnit.MILLISECONDS)) {
        throw new ChaosFailure(
            "node " + number + " ended with " + running.exitValue() + "; see " + log);
      }
      if (System.nanoTime() > deadline) {
        throw new ChaosFailure(
            "node " + number + " is not ready after " + READY_LIMIT.toSeconds() + " s; see " + log);
      }
    }
  }

  /** How long ago it was started, and what it has cost since; asked when it is ready. */
  String cost() {
    double cpu = running().info().totalCpuDuration().orElse(Duration.ZERO).toMillis() / 1e3;
    double seconds = (System.nanoTime() - started) / 1e9;
    return String.format(Locale.ROOT, "%.1f s, %.1f s of a processor", seconds, cpu);
  }

  private boolean isReady() throws InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(settings.managementUrl(number) + "/health/ready"))
            .timeout(Duration.ofSeconds(1))
            .build();
    try {
      return client.send(request, BodyHandlers.discarding()).statusCode() == 200;
    } catch (IOException e) {
      return false;
    }
  }

  /** SIGKILL; returns when the process is gone. */
  void kill() throws InterruptedException {
    running().destroyForcibly();
    awaitEnd();
  }

  /** SIGTERM; returns when the process is gone. */
  void terminate() throws InterruptedException {
    askToLeave();
    awaitEnd();
  }

  /** SIGTERM; returns at once. */
  void askToLeave() {
    running().destroy();
  }

  /** SIGSTOP. */
  void pause() throws InterruptedException {
    Shell.signal("STOP", running().pid());
  }

  /** SIGCONT. */
  void resume() throws InterruptedException {
    Shell.signal("CONT", running().pid());
  }

  /** Returns when the process is gone. */
  void awaitEnd() throws InterruptedException {
    if (!running().waitFor(END_LIMIT.toMillis(), TimeUnit.MILLISECONDS)) {
      throw new ChaosFailure(
          "node " + number + " did not end in " + END_LIMIT.toSeconds() + " s; see " + log);
    }
  }

  private Process running() {
    Process begun = process;
    if (begun == null) {
      throw new IllegalStateException("node " + number + " was never started");
    }
    return begun;
  }

  /** Ends the process in whatever state it is. */
  @Override
  public void close() {
    Process begun = process;
    if (begun != null) {
      begun.destroyForcibly();
    }
  }
}
