package io.tidegate.simulate;

import io.vertx.core.Context;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * The command {@code simulate}: shop traffic at a steady rate, or a behaviour file replayed,
 * against a running node. Exit code 0 when every answer was one that a client expects, 1 when not,
 * 2 when the options make no sense.
 */
@Command(
    name = "simulate",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Sends realistic shop traffic to a running node, or replays a behaviour file.",
      "Ends with a table of counts, errors and latencies; Ctrl-C ends early, with the table."
    })
public final class SimulateCommand implements Callable<Integer> {
  private static final int LARGEST_BATCH = 2_500;
  private static final int MOST_CONNECTIONS = 4_096;
  private static final int TRAFFIC_CONNECTIONS = 256;
  private static final int REPLAY_CONNECTIONS = 8;
  private static final int AGENTS = 20;
  private static final Duration HOOK_WAIT = Duration.ofSeconds(4);

  @Option(
      names = "--url",
      defaultValue = "http://127.0.0.1:8080",
      description = "The gateway (default: ${DEFAULT-VALUE}).")
  private URI url = URI.create("http://127.0.0.1:8080");

  @Option(
      names = "--write-key",
      defaultValue = "dev",
      description = "The write key of the events (default: ${DEFAULT-VALUE}).")
  private String writeKey = "dev";

  @Option(
      names = "--rate",
      defaultValue = "200",
      description = "Requests a second (default: ${DEFAULT-VALUE}).")
  private double rate;

  @Option(
      names = "--duration",
      defaultValue = "30s",
      converter = DurationText.class,
      description = "How long: 30s, 5m, 1h (default: ${DEFAULT-VALUE}).")
  private Duration duration = Duration.ofSeconds(30);

  @Option(
      names = "--customers",
      defaultValue = "10000",
      description = "How many customers shop, by Zipf's law (default: ${DEFAULT-VALUE}).")
  private int customers;

  @Option(
      names = "--seed",
      description = "Makes customers, products and mix the same each time (default: random).")
  private @Nullable Long seed;

  @Option(
      names = "--route",
      defaultValue = "/demo/hello",
      description = "The path of the routed calls (default: ${DEFAULT-VALUE}).")
  private String route = "/demo/hello";

  @Option(
      names = "--token",
      description =
          "Bearer token of an agent or supervisor, for profile reads and routed calls"
              + " (default: signed with the development key).")
  private @Nullable String token;

  @Option(
      names = "--data-dir",
      defaultValue = ".tidegate",
      description = "Where `up` keeps the development key (default: ${DEFAULT-VALUE}).")
  private Path dataDir = Path.of(".tidegate");

  @Option(
      names = "--file",
      paramLabel = "FILE.csv",
      description = {
        "Replays this file instead: user,item,category,pv|cart|fav|buy,epochSeconds, no header.",
        "Message ids come from the rows, so replaying the same file again changes nothing."
      })
  private @Nullable Path file;

  @Option(
      names = "--batch-size",
      defaultValue = "100",
      description = "Events a batch, at most " + LARGEST_BATCH + " (default: ${DEFAULT-VALUE}).")
  private int batchSize;

  @Option(
      names = "--concurrency",
      description = {
        "Requests in flight (default: " + TRAFFIC_CONNECTIONS + "), or with --file the batches",
        "in flight (default: " + REPLAY_CONNECTIONS + "); one user's events stay in order."
      })
  private @Nullable Integer concurrency;

  @Option(
      names = "--retry-for",
      defaultValue = "60s",
      converter = DurationText.class,
      description =
          "With --file: how long to repeat a batch not taken (default: ${DEFAULT-VALUE}).")
  private Duration retryFor = Duration.ofSeconds(60);

  @Option(
      names = "--skip-bad",
      description = "With --file: sends the good rows although some are bad.")
  private boolean skipBad;

  @Spec private @Nullable CommandSpec spec;

  @Override
  public Integer call() throws InterruptedException, ExecutionException {
    checkOptions();
    var stop = new StopSignal();
    EndHook hook = new EndHook("simulate", HOOK_WAIT, stop::give);
    Vertx vertx = Vertx.vertx();
    var terminal = terminal();
    try {
      Context context = vertx.getOrCreateContext();
      return file == null
          ? traffic(context, terminal, stop)
          : replay(context, file, terminal, stop);
    } catch (Stopped e) {
      terminal.err().println("simulate: " + e.getMessage());
      return 1;
    } finally {
      terminal.out().flush();
      terminal.err().flush();
      hook.close();
      vertx.close().toCompletionStage().toCompletableFuture().get();
    }
  }

  private void checkOptions() {
    require(
        url.getHost() != null
            && ("http".equals(url.getScheme()) || "https".equals(url.getScheme())),
        "--url: " + url + " (expected: http://host:port)");
    require(rate > 0 && rate <= 1_000_000, "--rate: " + rate + " (expected: > 0, <= 1000000)");
    require(!duration.isZero(), "--duration: 0 (expected: > 0)");
    require(
        customers >= 1 && customers <= 1_000_000_000,
        "--customers: " + customers + " (expected: 1 to 1000000000)");
    require(
        batchSize >= 1 && batchSize <= LARGEST_BATCH,
        "--batch-size: " + batchSize + " (expected: 1 to " + LARGEST_BATCH + ")");
    require(
        connections() >= 1 && connections() <= MOST_CONNECTIONS,
        "--concurrency: " + connections() + " (expected: 1 to " + MOST_CONNECTIONS + ")");
    require(route.startsWith("/"), "--route: " + route + " (expected: a path, /...)");
  }

  private void require(boolean holds, String message) {
    if (!holds) {
      throw new ParameterException(spec().commandLine(), message);
    }
  }

  private int connections() {
    if (concurrency != null) {
      return concurrency;
    }
    return file == null ? TRAFFIC_CONNECTIONS : REPLAY_CONNECTIONS;
  }

  private int traffic(Context context, Terminal terminal, StopSignal stop)
      throws Stopped, InterruptedException, ExecutionException {
    var api = new Api(context, url, writeKey, tokens(), connections());
    Preflight.ingestion(api);
    Preflight.profiles(api);
    long seedInUse = seed == null ? ThreadLocalRandom.current().nextLong() : seed;
    Supplier<String> freshIds = () -> UUID.randomUUID().toString();
    var shopper = new Shopper(seedInUse, customers, batchSize, route, Clock.systemUTC(), freshIds);
    var tally = new Tally();
    var traffic =
        new Traffic(context, api, shopper::next, rate, duration, connections(), tally, stop);
    return TrafficRun.run(traffic, tally, terminal);
  }

  private int replay(Context context, Path path, Terminal terminal, StopSignal stop)
      throws Stopped, InterruptedException, ExecutionException {
    BehaviourFile rows = ReplayRun.check(path, skipBad, terminal);
    var api = new Api(context, url, writeKey, List.of(), connections());
    Preflight.ingestion(api);
    var replay = new Replay(api, rows, batchSize, connections(), retryFor, stop);
    return ReplayRun.run(rows, replay, terminal);
  }

  /** The token given; else those of several agents, since one alone would soon be limited. */
  private List<String> tokens() throws Stopped {
    if (token != null) {
      return List.of(token);
    }
    Path key = dataDir.resolve(DevToken.KEY_FILE);
    Duration valid = duration.plus(Duration.ofMinutes(10));
    var tokens = new ArrayList<String>();
    try {
      for (int agent = 1; agent <= AGENTS; agent++) {
        tokens.add(DevToken.sign(key, "simulate-" + agent, "agent", valid));
      }
    } catch (IOException e) {
      throw new Stopped("no --token, and none can be signed: " + e.getMessage());
    }
    return tokens;
  }

  private Terminal terminal() {
    var commandLine = spec().commandLine();
    return Terminal.of(commandLine.getOut(), commandLine.getErr());
  }

  private CommandSpec spec() {
    if (spec == null) {
      throw new IllegalStateException("runs by picocli only");
    }
    return spec;
  }
}
