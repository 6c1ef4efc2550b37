package io.tidegate.node;

import com.google.errorprone.annotations.FormatMethod;
import io.tidegate.devstack.DevStack;
import io.tidegate.devstack.DevStackException;
import io.tidegate.devstack.SampleUpstream;
import io.tidegate.platform.Configuration;
import io.tidegate.simulate.DevToken;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * A whole running system on this machine: Postgres, Redis, Kafka, a sample upstream and one node.
 */
@Command(
    name = "up",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Starts Postgres, Redis, Kafka, a sample upstream and one node, and prints what to try.",
      "Data survive a restart. Ctrl-C stops everything."
    })
@SuppressWarnings("NullAway.Init") // picocli sets the fields before it calls
final class UpCommand implements Callable<Integer> {
  private static final String SAMPLE_CUSTOMER = "ada";
  private static final Duration TOKEN_LASTS = Duration.ofHours(24);

  /** What the servers need to stop cleanly after the node; Kafka takes the longest. */
  private static final Duration SERVERS_STOP = Duration.ofMillis(2_300);

  private static final int MOST_NODES = 9;
  private static final Duration UPSTREAM_STOP = Duration.ofMillis(200);

  @Spec CommandSpec spec;

  @Option(
      names = "--port",
      paramLabel = "N",
      description =
          "The gateway's port (default: TIDEGATE_EDGE_PORT, else edge.port of the configuration, else 8080).")
  @Nullable Integer port;

  @Option(
      names = "--management-port",
      paramLabel = "N",
      description =
          "The port for health and metrics (default: TIDEGATE_MANAGEMENT_PORT, else management.port, else 8081).")
  @Nullable Integer managementPort;

  @Option(
      names = "--nodes",
      paramLabel = "N",
      description = {
        "Start a cluster of N nodes, each a process of its own that is started again when it ends.",
        "Ports count up: by one, or by two where the two rows would meet (8080, 8082, ...)."
      })
  @Nullable Integer nodes;

  @Option(
      names = "--conf",
      paramLabel = "DIR",
      defaultValue = "${sys:tidegate.home:-.}/conf",
      description = "The configuration directory (default: conf beside the launcher).")
  Path conf;

  @Option(
      names = "--data-dir",
      paramLabel = "DIR",
      defaultValue = ".tidegate",
      description = "Where data are kept (default: ${DEFAULT-VALUE}).")
  Path dataDir;

  @Option(
      names = "--ephemeral",
      description =
          "Forget all data at the end. Only the signing key is in --data-dir, for 'token' and 'simulate'.")
  boolean ephemeral;

  @Option(
      names = "--postgres-uri",
      paramLabel = "URI",
      description =
          "Use this Postgres instead of starting one (default: TIDEGATE_POSTGRES_URI, else postgres.uri, else one is started).")
  @Nullable String postgresUri;

  @Option(
      names = "--redis-uri",
      paramLabel = "URI",
      description =
          "Use this Redis instead of starting one (default: TIDEGATE_REDIS_URI, else redis.uri, else one is started).")
  @Nullable String redisUri;

  @Option(
      names = "--kafka-servers",
      paramLabel = "HOST:PORT",
      description =
          "Use this Kafka instead of starting one (default: TIDEGATE_KAFKA_SERVERS, else kafka.servers, else one is started).")
  @Nullable String kafkaServers;

  private PrintWriter out;

  /** The servers that are there already, with what says so. */
  private final Map<String, String> yours = new HashMap<>();

  @Override
  public Integer call() throws Exception {
    out = spec.commandLine().getOut();
    long begin = System.nanoTime();
    UpSettings settings = new UpSettings(conf, System.getenv(), options());
    if (nodes != null && (nodes < 1 || nodes > MOST_NODES)) {
      throw new CommandFailure("--nodes: " + nodes + " (expected: 1 to " + MOST_NODES + ")");
    }
    String portBy = settings.givenBy("edge.port", "--port").orElse("edge.port");
    String managementBy =
        settings.givenBy("management.port", "--management-port").orElse("management.port");
    if (settings.port() == settings.managementPort()) {
      throw new CommandFailure(
          managementBy
              + ": "
              + settings.managementPort()
              + " (expected: another port than the gateway's)");
    }
    List<LocalNodes.Ports> ports =
        LocalNodes.ports(settings.port(), settings.managementPort(), nodes == null ? 1 : nodes);
    for (LocalNodes.Ports each : ports) {
      checkPort(portBy, each.http());
      checkPort(managementBy, each.management());
    }
    Shutdown shutdown = new Shutdown(Shutdown.LIMIT);
    try {
      run(settings, ports, shutdown, begin);
    } catch (DevStackException e) {
      shutdown.now();
      throw new CommandFailure(String.valueOf(e.getMessage()));
    } catch (Exception e) {
      shutdown.now();
      throw e;
    }
    shutdown.await();
    return 0;
  }

  private void run(UpSettings settings, List<LocalNodes.Ports> ports, Shutdown shutdown, long begin)
      throws Exception {
    line("Tidegate is coming up (data: %s)", ephemeral ? "temporary" : dataDir);
    DevStack.Builder builder = ephemeral ? DevStack.ephemeral() : DevStack.in(dataDir);
    settings
        .server("postgres.uri", "--postgres-uri")
        .ifPresent(server -> builder.postgresUri(server.address(), yours("postgres", server)));
    settings
        .server("redis.uri", "--redis-uri")
        .ifPresent(server -> builder.redisUri(server.address(), yours("redis", server)));
    settings
        .server("kafka.servers", "--kafka-servers")
        .ifPresent(server -> builder.kafkaServers(server.address(), yours("kafka", server)));
    DevStack stack = builder.listener(this::show).start();
    shutdown.onStop(deadline -> stack.close());

    Vertx vertx = Vertx.vertx();
    shutdown.onStop(
        deadline ->
            vertx
                .close()
                .toCompletionStage()
                .toCompletableFuture()
                .get(deadline.left(UPSTREAM_STOP).toMillis(), TimeUnit.MILLISECONDS));
    long upstreamBegin = System.nanoTime();
    SampleUpstream upstream = new SampleUpstream("sample-1", 0);
    vertx
        .deployVerticle(upstream)
        .toCompletionStage()
        .toCompletableFuture()
        .get(10, TimeUnit.SECONDS);
    System.setProperty("sample.upstream.url", "http://127.0.0.1:" + upstream.port());
    component("upstream", upstreamBegin, "http://127.0.0.1:" + upstream.port());

    DevKeys keys = DevKeys.in(dataDir);
    Map<String, String> servers =
        Map.of(
            "postgres.uri", stack.postgresUri(),
            "redis.uri", stack.redisUri(),
            "kafka.servers", stack.kafkaServers());
    if (nodes == null) {
      node(settings.with(servers, keys), settings.port(), shutdown);
    } else {
      cluster(settings.values(servers, keys), ports, shutdown);
    }
    line("Ready in %.1f s", seconds(begin));
    String token = DevToken.sign(keys.privateKey(), SAMPLE_CUSTOMER, "customer", TOKEN_LASTS);
    out.print(
        Welcome.text(
            settings.port(),
            settings.managementPort(),
            Welcome.Credential.of("dev", settings.writeKey(), "WRITE_KEY"),
            SAMPLE_CUSTOMER,
            Welcome.Credential.of(token, settings.issuer(), "TOKEN")));
    out.flush();
  }

  /** One node, in this process. */
  private void node(Configuration configuration, int at, Shutdown shutdown) throws Exception {
    long begin = System.nanoTime();
    Node node = Node.start(configuration, Sections.routes(conf, System.getenv()));
    shutdown.onStop(
        deadline -> {
          line("%nStopping");
          node.close(deadline.before(SERVERS_STOP));
        });
    node.awaitReady(Duration.ofSeconds(30));
    component("node", begin, "http://127.0.0.1:" + at);
  }

  /** Nodes in processes of their own. */
  private void cluster(Map<String, String> values, List<LocalNodes.Ports> ports, Shutdown shutdown)
      throws Exception {
    long begin = System.nanoTime();
    LocalNodes cluster =
        new LocalNodes(ports, conf, dataDir, values, List.of(), said -> line("%n%s", said));
    shutdown.onStop(
        deadline -> {
          line("%nStopping");
          cluster.stop(deadline.before(SERVERS_STOP));
        });
    cluster.start();
    for (int i = 0; i < ports.size(); i++) {
      cluster.awaitReady(i);
      LocalNodes.Ports at = ports.get(i);
      component(
          "node-" + (i + 1),
          begin,
          "http://127.0.0.1:%d, management http://127.0.0.1:%d"
              .formatted(at.http(), at.management()));
    }
    cluster.watch();
  }

  /** What the options set. */
  private Map<String, String> options() {
    Map<String, String> options = new HashMap<>();
    put(options, "edge.port", port);
    put(options, "management.port", managementPort);
    put(options, "postgres.uri", postgresUri);
    put(options, "redis.uri", redisUri);
    put(options, "kafka.servers", kafkaServers);
    return options;
  }

  private static void put(Map<String, String> options, String key, @Nullable Object value) {
    if (value != null) {
      options.put(key, value.toString());
    }
  }

  private String yours(String component, UpSettings.Server server) {
    yours.put(component, server.givenBy());
    return server.givenBy();
  }

  /** Fails early, and in one line, when a port is taken. */
  private static void checkPort(String option, int port) {
    if (port < 1 || port > 65_535) {
      throw new CommandFailure(option + ": " + port + " (expected: 1 to 65535)");
    }
    try (ServerSocket probe = new ServerSocket()) {
      probe.setReuseAddress(true);
      probe.bind(new InetSocketAddress(port));
    } catch (IOException e) {
      throw new CommandFailure(
          option + ": port " + port + " is taken (expected: a free one; is another 'up' running?)");
    }
  }

  private void show(DevStack.Progress progress) {
    switch (progress.state()) {
      case STARTING -> {
        String by = yours.get(progress.component());
        line("  %-9s %s", progress.component(), by == null ? "starting" : "yours, by " + by);
      }
      case READY -> row(progress.component(), "ready in", progress.elapsed(), progress.detail());
      case FAILED ->
          row(progress.component(), "failed after", progress.elapsed(), progress.detail());
    }
  }

  private void component(String name, long begin, String detail) {
    row(name, "ready in", Duration.ofNanos(System.nanoTime() - begin), detail);
  }

  private void row(String name, String what, Duration elapsed, String detail) {
    line(
        "  %-9s %s %4.1f s  %s",
        name,
        what,
        elapsed.toMillis() / 1e3,
        detail
            .replaceFirst("(//[^:@/]*):.*@", "$1:***@")
            .replaceAll("(?i)(?<=password=)[^&]*", "***"));
  }

  @FormatMethod
  private void line(String format, @Nullable Object... arguments) {
    out.println(String.format(format, arguments));
    out.flush();
  }

  private static double seconds(long begin) {
    return (System.nanoTime() - begin) / 1e9;
  }
}
