package io.tidegate.bench;

import io.tidegate.devstack.DevStack;
import io.tidegate.devstack.Ports;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.concurrent.TimeUnit;

/** A node as production runs it: the launcher's command {@code node}, with all roles. */
final class TidegateNode implements AutoCloseable {
  static final String WRITE_KEY = "bench";

  private static final String REQUESTS = "tidegate_edge_requests_seconds_count";
  private static final Duration READY_LIMIT = Duration.ofSeconds(180);
  private static final Duration RELOAD_LIMIT = Duration.ofSeconds(20);

  /** All event loops have the new tables a moment after the node says so. */
  private static final long SETTLE_MILLIS = 300;

  private static final HttpClient CLIENT =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  private final Child process;
  private final Path conf;
  private final String upstream;
  private final int port;
  private final int management;
  private final double startSeconds;
  private int turns;

  private TidegateNode(
      Child process, Path conf, String upstream, int port, int management, double startSeconds) {
    this.process = process;
    this.conf = conf;
    this.upstream = upstream;
    this.port = port;
    this.management = management;
    this.startSeconds = startSeconds;
  }

  /** What a node is connected to. */
  record Ground(
      Path home, Path directory, Cores cores, DevStack stack, Tokens tokens, String upstream) {}

  /** Starts a node and waits until it is ready. */
  static TidegateNode start(Ground ground, NodeShape shape)
      throws IOException, InterruptedException {
    Path conf = Files.createDirectories(ground.directory().resolve(shape.name()));
    Files.writeString(conf.resolve("tidegate.yaml"), "");
    Files.writeString(conf.resolve("routes.yaml"), shape.routesYaml(ground.upstream()));
    Files.writeString(conf.resolve("limits.yaml"), shape.limitsYaml());
    int port = Ports.free();
    int management = Ports.free();
    List<String> command = new ArrayList<>(List.of("env"));
    settings(ground).forEach((name, value) -> command.add(name + "=" + value));
    shape.environment().forEach((name, value) -> command.add(name + "=" + value));
    command.addAll(List.of(ground.home().resolve("tidegate").toString(), "node"));
    command.addAll(List.of("--conf", conf.toString(), "--port", Integer.toString(port)));
    command.addAll(List.of("--management-port", Integer.toString(management)));
    long begin = System.nanoTime();
    Child process =
        Child.start(shape.name(), ground.cores().forContender(command), ground.directory());
    try {
      process.await(READY_LIMIT, () -> isReady(management));
    } catch (BenchFailure | InterruptedException e) {
      process.close();
      throw e;
    }
    double seconds = (System.nanoTime() - begin) / 1e9;
    return new TidegateNode(process, conf, ground.upstream(), port, management, seconds);
  }

  /**
   * Gives the running node a shape's routes and limits, anew even when it has them already, and
   * waits until they are in force.
   */
  void become(NodeShape shape) throws IOException, InterruptedException {
    String turn = "# turn " + ++turns + "\n";
    replace("routes.yaml", turn + shape.routesYaml(upstream), "tidegate_routing_reloads_total");
    replace("limits.yaml", turn + shape.limitsYaml(), "tidegate_ratelimit_reloads_total");
    TimeUnit.MILLISECONDS.sleep(SETTLE_MILLIS);
  }

  private void replace(String name, String content, String reloads)
      throws IOException, InterruptedException {
    double before = metric(reloads).orElseThrow(() -> new BenchFailure("no metrics"));
    Path whole = Files.writeString(conf.resolve(name + ".new"), content);
    Files.move(whole, conf.resolve(name), StandardCopyOption.ATOMIC_MOVE);
    process.await(RELOAD_LIMIT, () -> metric(reloads).orElse(before) > before);
  }

  /** Requests answered so far, by its own count. */
  long requests() throws InterruptedException {
    return (long) metric(REQUESTS).orElseThrow(() -> new BenchFailure("no metrics"));
  }

  private OptionalDouble metric(String name) throws InterruptedException {
    try {
      return OptionalDouble.of(
          get(management, "/metrics")
              .body()
              .lines()
              .filter(line -> line.startsWith(name))
              .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
              .sum());
    } catch (IOException e) {
      return OptionalDouble.empty();
    }
  }

  private static Map<String, String> settings(Ground ground) {
    return Map.of(
        "TIDEGATE_ROUTING_RELOAD_EVERY",
        "200ms",
        "TIDEGATE_POSTGRES_URI",
        ground.stack().postgresUri(),
        "TIDEGATE_REDIS_URI",
        ground.stack().redisUri(),
        "TIDEGATE_KAFKA_SERVERS",
        ground.stack().kafkaServers(),
        "TIDEGATE_AUTH_JWKS",
        ground.tokens().keySet().toString(),
        "TIDEGATE_AUTH_ISSUER",
        Tokens.ISSUER,
        "TIDEGATE_AUTH_AUDIENCE",
        Tokens.AUDIENCE,
        "TIDEGATE_AUTH_WRITE_KEYS_BENCH",
        WRITE_KEY);
  }

  private static boolean isReady(int management) throws InterruptedException {
    try {
      return get(management, "/health/ready").statusCode() == 200;
    } catch (IOException e) {
      return false;
    }
  }

  private static HttpResponse<String> get(int management, String page)
      throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + management + page))
            .timeout(Duration.ofSeconds(2))
            .build();
    return CLIENT.send(request, BodyHandlers.ofString());
  }

  Child process() {
    return process;
  }

  int port() {
    return port;
  }

  /** From the launcher's start until readiness said yes. */
  double startSeconds() {
    return startSeconds;
  }

  String url(String path) {
    return "http://127.0.0.1:" + port + path;
  }

  @Override
  public void close() {
    process.close();
  }
}
