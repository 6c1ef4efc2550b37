package io.tidegate.load;

import io.gatling.javaapi.core.Simulation;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@link Failover} as a command. */
@Command(
    name = "failover",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Starts a cluster and two upstreams of its own (so no --url, --management or --data-dir), and",
      "visits the shop while, after",
      "a third of the time, an upstream dies and, after two, a node (kill -9); it is started again.",
      "Clients ask the next node when one gives no good answer. Default: 200 requests a second for 60 s.",
      "Asserts: no routed call is refused when the upstream dies; everybody is served, by the sixth",
      "try at the latest; no more tries fail than a node leaves unanswered that is away for 8 s, and",
      "1 %%; 99 of 100 answers within 2 s; every event that was acknowledged is in the database, once."
    })
final class FailoverCommand extends ScenarioCommand {
  private static final double RATE = 200;
  private static final Duration DURATION = Duration.ofSeconds(60);
  private static final int MOST_NODES = 9;

  @Option(
      names = "--nodes",
      paramLabel = "N",
      defaultValue = "3",
      description = "Nodes of the cluster (default: ${DEFAULT-VALUE}).")
  private int nodes;

  @Override
  Class<? extends Simulation> simulation() {
    return Failover.class;
  }

  @Override
  ArrivalPlan plan() {
    return ArrivalPlan.steady(
        options.rateOr(RATE) / requestsPerUser(), options.durationOr(DURATION));
  }

  @Override
  double requestsPerUser() {
    return ShopVisit.REQUESTS;
  }

  @Override
  int p99() {
    return 2_000;
  }

  @Override
  int run() throws IOException, InterruptedException {
    require(
        nodes < 2 || nodes > MOST_NODES
            ? "--nodes: " + nodes + " (expected: 2 to " + MOST_NODES + ")"
            : null);
    for (String own : List.of("--url", "--management", "--data-dir")) {
      require(
          spec.commandLine().getParseResult().hasMatchedOption(own)
              ? own + ": not with failover (expected: nothing; it starts what it kills)"
              : null);
    }
    say("Starting a cluster of " + nodes + " nodes");
    Path home = Path.of(System.getProperty("tidegate.home", "."));
    Path data = options.results.resolve("failover-system").toAbsolutePath();
    try (Upstream doomed = Upstream.start();
        Upstream other = Upstream.start();
        OwnSystem system = OwnSystem.start(home, data, nodes, List.of(doomed, other))) {
      options.urls = system.urls();
      options.management = system.management();
      options.dataDir = data;
      StoredEvents stored = new StoredEvents(system.postgresUri());
      return run(
          UnaryOperator.identity(),
          stage -> judged(stage, new Faults(stage, doomed, system, this::say), stored));
    }
  }

  /** A node that was killed has taken its counters along: what the clients know is asked for. */
  private Companion judged(Stage stage, Faults faults, StoredEvents stored) {
    return took -> {
      List<Verdict> verdicts = new ArrayList<>(faults.end(took));
      verdicts.addAll(stored.judge(stage.sent(), stage.bodies(), PATIENCE, this::leftToProject));
      return verdicts;
    };
  }
}
