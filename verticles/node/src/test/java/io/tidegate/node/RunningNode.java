package io.tidegate.node;

import io.tidegate.devstack.Await;
import io.tidegate.devstack.TestServers;
import io.tidegate.simulate.DevToken;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A real node process for tests, as production starts it: {@code node}, configured by files and
 * environment.
 */
final class RunningNode implements AutoCloseable {
  private static final HttpClient CLIENT =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(Duration.ofSeconds(5))
          .build();

  private final Path directory;
  private final Map<String, String> environment = new HashMap<>();
  private final int port;
  private final int managementPort;
  private final Path log;
  private Process process;

  private RunningNode(Path directory, int port, int managementPort) {
    this.directory = directory;
    this.port = port;
    this.managementPort = managementPort;
    this.log = directory.resolve("node.log");
  }

  /**
   * Starts a node on the shared servers, with a database of its own, and waits until it is ready.
   */
  static RunningNode onSharedServers() {
    return start(
        TestServers.newDatabase(),
        TestServers.redis().uri(),
        TestServers.kafka().bootstrapServers());
  }

  /** Starts a node on these servers and waits until it is ready. */
  static RunningNode start(String postgresUri, String redisUri, String kafkaServers) {
    return start(postgresUri, redisUri, kafkaServers, Map.of());
  }

  /** The same with more environment variables. */
  static RunningNode start(
      String postgresUri, String redisUri, String kafkaServers, Map<String, String> more) {
    RunningNode node = startUnready(postgresUri, redisUri, kafkaServers, more);
    node.awaitReady();
    return node;
  }

  /** The same without waiting until it is ready. */
  static RunningNode startUnready(
      String postgresUri, String redisUri, String kafkaServers, Map<String, String> more) {
    try {
      RunningNode node =
          new RunningNode(Files.createTempDirectory("tidegate-node"), freePort(), freePort());
      node.configure(postgresUri, redisUri, kafkaServers);
      node.environment.putAll(more);
      node.spawn();
      return node;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void configure(String postgresUri, String redisUri, String kafkaServers)
      throws IOException {
    try (Stream<Path> files = Files.list(Path.of("../../conf"))) {
      for (Path file : files.toList()) {
        Files.copy(file, directory.resolve(file.getFileName()));
      }
    }
    DevKeys keys = DevKeys.in(directory);
    environment.put("TIDEGATE_AUTH_JWKS", keys.publicKeys().toString());
    environment.put("TIDEGATE_AUTH_ISSUER", DevToken.ISSUER);
    environment.put("TIDEGATE_AUTH_AUDIENCE", DevToken.AUDIENCE);
    environment.put("TIDEGATE_AUTH_WRITE_KEYS_DEV", "dev");
    environment.put("TIDEGATE_POSTGRES_URI", postgresUri);
    environment.put("TIDEGATE_REDIS_URI", redisUri);
    environment.put("TIDEGATE_KAFKA_SERVERS", kafkaServers);
  }

  /** Starts the process (again) with the same configuration and waits until it is ready. */
  void startAgain() {
    spawn();
    awaitReady();
  }

  private void awaitReady() {
    Await.until("the node is ready; see " + log, Duration.ofSeconds(60), this::ready);
  }

  /** Starts the process without waiting. */
  void spawn() {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of(
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow",
            "--add-exports=java.base/jdk.internal.ref=ALL-UNNAMED",
            "--add-opens=java.base/java.lang=ALL-UNNAMED",
            "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED",
            "--add-opens=java.management/sun.management=ALL-UNNAMED",
            "--add-opens=jdk.management/com.sun.management.internal=ALL-UNNAMED",
            "-Xmx512m",
            "-XX:TieredStopAtLevel=1"));
    ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
        .filter(argument -> argument.startsWith("-javaagent:") && argument.contains("jacoco"))
        .map(agent -> agent.replace("jacoco.exec", "jacoco-" + System.nanoTime() + ".exec"))
        .forEach(command::add);
    command.addAll(
        List.of(
            "-cp",
            System.getProperty("java.class.path"),
            "-Dlogback.configurationFile=" + directory.resolve("logback.xml"),
            Tidegate.class.getName(),
            "node",
            "--conf",
            directory.toString(),
            "--port",
            Integer.toString(port),
            "--management-port",
            Integer.toString(managementPort)));
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
    builder.environment().putAll(environment);
    try {
      process = builder.start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  boolean ready() {
    return says("/health/ready");
  }

  /** Whether its management port answers. */
  boolean live() {
    return says("/health/live");
  }

  private boolean says(String page) {
    if (!process.isAlive()) {
      throw new AssertionError("the node ended with " + process.exitValue() + ": " + log());
    }
    try {
      return management(page).statusCode() == 200;
    } catch (UncheckedIOException e) {
      return false;
    }
  }

  /** SIGKILL. */
  void killHard() {
    process.destroyForcibly();
    await(Duration.ofSeconds(5));
  }

  /** SIGTERM; how long the process took to end. */
  Duration terminate() {
    long begin = System.nanoTime();
    process.destroy();
    await(Duration.ofSeconds(20));
    return Duration.ofNanos(System.nanoTime() - begin);
  }

  private void await(Duration limit) {
    try {
      if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new AssertionError("the node did not end within " + limit + ": " + log());
      }
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  Process process() {
    return process;
  }

  String url() {
    return "http://127.0.0.1:" + port;
  }

  int port() {
    return port;
  }

  Path directory() {
    return directory;
  }

  String log() {
    try {
      return Files.readString(log);
    } catch (IOException e) {
      return "";
    }
  }

  String token(String sub, String role) {
    try {
      return DevToken.sign(DevKeys.in(directory).privateKey(), sub, role, Duration.ofHours(1));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** POST of events under the development write key. */
  HttpResponse<String> post(String path, String json) {
    return send(
        request(path)
            .header(
                "Authorization",
                "Basic "
                    + Base64.getEncoder().encodeToString("dev:".getBytes(StandardCharsets.UTF_8)))
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofString(json)));
  }

  /** GET as this viewer. */
  HttpResponse<String> get(String path, String token) {
    return send(request(path).header("Authorization", "Bearer " + token));
  }

  HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create(url() + path)).timeout(Duration.ofSeconds(20));
  }

  HttpResponse<String> management(String path) {
    return send(
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + managementPort + path))
            .timeout(Duration.ofSeconds(5)));
  }

  static HttpResponse<String> send(HttpRequest.Builder request) {
    try {
      return CLIENT.send(request.build(), BodyHandlers.ofString());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  static int freePort() {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    if (process.isAlive()) {
      process.destroy();
      try {
        if (!process.waitFor(10, TimeUnit.SECONDS)) {
          process.destroyForcibly();
        }
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      }
    }
  }
}
