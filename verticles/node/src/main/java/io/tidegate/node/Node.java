package io.tidegate.node;

import io.micrometer.core.instrument.Gauge;
import io.tidegate.bus.Bus;
import io.tidegate.cluster.ClusterConfig;
import io.tidegate.cluster.Membership;
import io.tidegate.edge.EdgeConfig;
import io.tidegate.edge.EdgeLoad;
import io.tidegate.node.Deployments.Stage;
import io.tidegate.platform.Configuration;
import io.tidegate.platform.ManagementConfig;
import io.tidegate.platform.ManagementServer;
import io.tidegate.platform.Metrics;
import io.tidegate.platform.Readiness;
import io.tidegate.routing.RouteFile;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One process of Tidegate, from its start to its orderly end. {@link Wiring} is what it runs. */
final class Node {
  private static final Logger log = LoggerFactory.getLogger(Node.class);
  private static final Duration START_LIMIT = Duration.ofSeconds(30);
  private static final Duration CLOSE_LIMIT = Duration.ofMillis(800);
  private static final Duration GOODBYE_LIMIT = Duration.ofMillis(200);
  private static final Duration ANSWER_LIMIT = Duration.ofSeconds(2);

  private final Configuration configuration;
  private final NodeConfig config;
  private final Ground ground;
  private final Bus bus;
  private final Metrics metrics;
  private final Readiness readiness = new Readiness();
  private final Deployments deployments;
  private final ManagementServer management;
  private final EdgeLoad load;
  private final Wiring wiring;
  private volatile String phase = "starting";

  private Node(Configuration configuration, Ground ground, Metrics metrics) {
    this.configuration = configuration;
    this.config = configuration.get(NodeConfig.class);
    this.ground = ground;
    this.metrics = metrics;
    BusMetrics busMetrics = new BusMetrics(metrics.registry());
    this.bus = new Bus(ground.vertx(), ground.peers(), busMetrics);
    busMetrics.watch(bus);
    busMetrics.watch(ground.peers());
    Gauge.builder("tidegate.node.degraded", readiness, each -> each.degraded().size())
        .description("what works in a lesser way on this node; /health/ready says what and how")
        .register(metrics.registry());
    this.deployments = new Deployments(ground.vertx());
    ManagementConfig managementConfig = configuration.get(ManagementConfig.class);
    this.management = new ManagementServer(managementConfig, readiness, metrics.registry());
    this.load = new EdgeLoad(configuration.get(EdgeConfig.class), metrics.registry());
    NodeReport report = new NodeReport(config, Tidegate.VERSION, readiness);
    report.of(bus);
    report.management(() -> managementConfig.host() + ":" + management.port());
    ground.peers().tell(report);
    Membership membership = ground.membership();
    if (membership != null) {
      report.degraded("cluster", membership::whyAlone);
      report.degraded("peers", () -> silent(ground.peers().silent()));
      report.degraded("bus", ground.peers()::trouble);
    }
    management.page(
        "/cluster", new ClusterPage(configuration.get(ClusterConfig.class).name(), ground.peers()));
    readiness.register("node", () -> phase.equals("serving") ? Readiness.OK : phase);
    this.wiring =
        new Wiring(
            configuration, ground, bus, deployments, readiness, metrics.registry(), load, report);
  }

  private static @Nullable String silent(int peers) {
    return peers == 0
        ? null
        : peers
            + (peers == 1 ? " node is" : " nodes are")
            + " silent: paused, or cut off from here";
  }

  /**
   * Starts a node and returns once it listens. Lost dependencies do not stop the start; readiness
   * tells.
   *
   * @param routes routes.yaml
   */
  static Node start(Configuration configuration, RouteFile routes) throws Exception {
    long begin = System.nanoTime();
    Metrics metrics = new Metrics();
    Ground ground =
        Ground.make(
            configuration.get(NodeConfig.class),
            configuration.get(ClusterConfig.class),
            metrics.registry());
    Node node = new Node(configuration, ground, metrics);
    try {
      get(node.deploy(routes), START_LIMIT);
    } catch (TimeoutException e) {
      node.close(Deadline.after(Shutdown.LIMIT));
      throw new CommandFailure(
          "the node did not start within "
              + START_LIMIT.toSeconds()
              + " s: "
              + node.readiness.report());
    } catch (ExecutionException e) {
      node.close(Deadline.after(Shutdown.LIMIT));
      throw e.getCause() instanceof Exception cause ? cause : e;
    }
    node.phase = "serving";
    log.atInfo()
        .addKeyValue("port", configuration.get(EdgeConfig.class).port())
        .addKeyValue("management_port", node.management.port())
        .addKeyValue("took_ms", TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begin))
        .log("the node is serving");
    return node;
  }

  private Future<?> deploy(RouteFile routesFile) {
    ManagementConfig at = configuration.get(ManagementConfig.class);
    return deployments
        .deploy(Stage.MANAGEMENT, management)
        .recover(cause -> Deployments.cannotListen("management", at.host(), at.port(), cause))
        .compose(listening -> wiring.deploy(routesFile));
  }

  /**
   * Waits until every readiness check holds.
   *
   * @throws CommandFailure with the checks that do not, when the time is up
   */
  void awaitReady(Duration limit) throws InterruptedException {
    long deadline = System.nanoTime() + limit.toNanos();
    while (!readiness.ready()) {
      if (System.nanoTime() > deadline) {
        throw new CommandFailure(
            "the node is not ready after " + limit.toSeconds() + " s: " + readiness.report());
      }
      Thread.sleep(10);
    }
  }

  /** The management port it listens on. */
  int managementPort() {
    return management.port();
  }

  /**
   * Drains and stops: not ready and asked nothing new by other nodes, then the front door finishes
   * what is in flight, then the far sides answer what they were asked and flush, in the configured
   * time and before the deadline.
   */
  void close(Deadline deadline) {
    if (phase.equals("stopped")) {
      return;
    }
    phase = "draining";
    load.startDraining();
    log.info("draining");
    Deadline drained = deadline.before(CLOSE_LIMIT);
    try {
      if (config.drainDelay().isPositive()) {
        Thread.sleep(deadline.left(config.drainDelay()));
      }
      Deadline drainedBy = Deadline.after(drained.left(config.drainTimeout()));
      await("goodbye", ground.peers().leave(), drainedBy.left(GOODBYE_LIMIT));
      await("front door", deployments.stop(Stage.FRONT_DOOR), drainedBy.left());
      awaitAnswered(drainedBy);
      for (Stage stage :
          List.of(Stage.PROJECTION, Stage.FAR_SIDES, Stage.CONNECTIONS, Stage.MANAGEMENT)) {
        await(stage.name(), deployments.stop(stage), drainedBy.left());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    try {
      get(ground.vertx().close(), deadline.left(CLOSE_LIMIT));
    } catch (Exception e) {
      log.atWarn().addKeyValue("reason", String.valueOf(e)).log("stopped the hard way");
    }
    metrics.close();
    phase = "stopped";
    log.info("stopped");
  }

  /** Other nodes get the answers they were promised before this one's links close. */
  private void awaitAnswered(Deadline deadline) throws InterruptedException {
    if (ground.membership() == null) {
      return;
    }
    Duration limit = deadline.left(ANSWER_LIMIT);
    long end = System.nanoTime() + limit.toNanos();
    while (bus.answering() > 0 && System.nanoTime() < end) {
      Thread.sleep(5);
    }
  }

  /** A step that is late or fails does not keep the next ones from being tried. */
  private static void await(String step, Future<?> future, Duration limit)
      throws InterruptedException {
    try {
      get(future, limit);
    } catch (ExecutionException | TimeoutException e) {
      log.atWarn()
          .addKeyValue("step", step)
          .addKeyValue("reason", String.valueOf(e))
          .log("stopped before all was drained");
    }
  }

  private static <T> T get(Future<T> future, Duration limit)
      throws InterruptedException, ExecutionException, TimeoutException {
    return future
        .toCompletionStage()
        .toCompletableFuture()
        .get(limit.toMillis(), TimeUnit.MILLISECONDS);
  }
}
