package io.tidegate.node;

import com.google.errorprone.annotations.FormatMethod;
import io.tidegate.devstack.DevStack;
import io.tidegate.devstack.DevStackException;
import io.tidegate.devstack.SampleUpstream;
import io.tidegate.platform.Configuration;
import io.tidegate.platform.ManagementConfig;
import io.tidegate.simulate.DevToken;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
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

  /** What the servers need to stop cleanly after the node; Kafka takes the longest. */
  private static final Duration SERVERS_STOP = Duration.ofMillis(2_300);

  private static final Duration UPSTREAM_STOP = Duration.ofMillis(200);

  @Spec CommandSpec spec;

  @Option(
      names = "--port",
      paramLabel = "N",
      defaultValue = "8080",
      description = "The gateway's port (default: ${DEFAULT-VALUE}).")
  int port;

  @Option(
      names = "--management-port",
      paramLabel = "N",
      defaultValue = "8081",
      description = "The port for health and metrics (default: ${DEFAULT-VALUE}).")
  int managementPort;

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
      description = "Use this Postgres instead of starting one.")
  @Nullable String postgresUri;

  @Option(
      names = "--redis-uri",
      paramLabel = "URI",
      description = "Use this Redis instead of starting one.")
  @Nullable String redisUri;

  @Option(
      names = "--kafka-servers",
      paramLabel = "HOST:PORT",
      description = "Use this Kafka instead of starting one.")
  @Nullable String kafkaServers;

  private PrintWriter out;

  @Override
  public Integer call() throws Exception {
    out = spec.commandLine().getOut();
    long begin = System.nanoTime();
    checkPort("--port", port);
    checkPort("--management-port", managementPort);
    if (port == managementPort) {
      throw new CommandFailure(
          "--management-port: " + managementPort + " (expected: another port than --port)");
    }
    var unused = Sections.load(conf, System.getenv(), overrides(null, null));
    Shutdown shutdown = new Shutdown(Shutdown.LIMIT);
    try {
      run(shutdown, begin);
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

  private void run(Shutdown shutdown, long begin) throws Exception {
    line("Tidegate is coming up (data: %s)", ephemeral ? "temporary" : dataDir);
    DevStack stack =
        (ephemeral ? DevStack.ephemeral() : DevStack.in(dataDir))
            .postgresUri(postgresUri)
            .redisUri(redisUri)
            .kafkaServers(kafkaServers)
            .listener(this::show)
            .start();
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

    long nodeBegin = System.nanoTime();
    DevKeys keys = DevKeys.in(dataDir);
    Configuration configuration = Sections.load(conf, System.getenv(), overrides(stack, keys));
    Node node = Node.start(configuration, Sections.routes(conf));
    shutdown.onStop(
        deadline -> {
          line("%nStopping");
          node.close(deadline.before(SERVERS_STOP));
        });
    node.awaitReady(Duration.ofSeconds(30));
    component("node", nodeBegin, "http://127.0.0.1:" + port);
    line("Ready in %.1f s", seconds(begin));
    out.print(
        Welcome.text(
            port,
            configuration.get(ManagementConfig.class).port(),
            SAMPLE_CUSTOMER,
            DevToken.sign(keys.privateKey(), SAMPLE_CUSTOMER, "customer", Duration.ofHours(24))));
    out.flush();
  }

  private Map<String, String> overrides(@Nullable DevStack stack, @Nullable DevKeys keys) {
    Map<String, String> overrides = new HashMap<>();
    overrides.put("edge.port", Integer.toString(port));
    overrides.put("management.port", Integer.toString(managementPort));
    // The servers stop after the node, in the same few seconds.
    overrides.put("edge.drain-timeout", "1s");
    overrides.put("auth.write-keys.dev", "dev");
    overrides.put("auth.issuer", DevToken.ISSUER);
    overrides.put("auth.audience", DevToken.AUDIENCE);
    if (keys != null) {
      overrides.put("auth.jwks", keys.publicKeys().toAbsolutePath().toString());
    }
    if (stack != null) {
      overrides.put("postgres.uri", stack.postgresUri());
      overrides.put("redis.uri", stack.redisUri());
      overrides.put("kafka.servers", stack.kafkaServers());
    }
    return overrides;
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
      case STARTING -> line("  %-9s starting", progress.component());
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
        name, what, elapsed.toMillis() / 1e3, detail.replaceFirst("(//[^:@/]*):.*@", "$1:***@"));
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
