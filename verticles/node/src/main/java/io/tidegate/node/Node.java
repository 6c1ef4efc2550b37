package io.tidegate.node;

import io.micrometer.core.instrument.MeterRegistry;
import io.tidegate.bus.Bus;
import io.tidegate.bus.Peers;
import io.tidegate.edge.EdgeConfig;
import io.tidegate.edge.EdgeContext;
import io.tidegate.edge.EdgeLoad;
import io.tidegate.edge.EdgeVerticle;
import io.tidegate.edge.auth.AuthConfig;
import io.tidegate.edge.auth.Authenticator;
import io.tidegate.ingestion.EventIntake;
import io.tidegate.ingestion.IngestionConfig;
import io.tidegate.ingestion.IngestionVerticle;
import io.tidegate.platform.Configuration;
import io.tidegate.platform.KafkaConfig;
import io.tidegate.platform.ManagementConfig;
import io.tidegate.platform.ManagementServer;
import io.tidegate.platform.Metrics;
import io.tidegate.platform.Migrations;
import io.tidegate.platform.Postgres;
import io.tidegate.platform.PostgresConfig;
import io.tidegate.platform.Readiness;
import io.tidegate.platform.RedisConfig;
import io.tidegate.profile.ProfileConfig;
import io.tidegate.profile.ProfileLookup;
import io.tidegate.profile.ProfileVerticle;
import io.tidegate.projection.ProjectionConfig;
import io.tidegate.projection.ProjectionVerticle;
import io.tidegate.ratelimit.LimitsConfig;
import io.tidegate.ratelimit.RateLimitVerticle;
import io.tidegate.ratelimit.RateLimiter;
import io.tidegate.ratelimit.RateLimits;
import io.tidegate.routing.Forwarder;
import io.tidegate.routing.RouteFile;
import io.tidegate.routing.Routes;
import io.tidegate.routing.RoutingConfig;
import io.tidegate.routing.RoutingVerticle;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.micrometer.MetricsDomain;
import io.vertx.micrometer.MicrometerMetricsFactory;
import io.vertx.micrometer.MicrometerMetricsOptions;
import java.time.Clock;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One process of Tidegate: every role wired to the bus, the front door last. Reads top to bottom in
 * {@link #wire}.
 */
final class Node {
  private static final Logger log = LoggerFactory.getLogger(Node.class);
  private static final Duration START_LIMIT = Duration.ofSeconds(30);
  private static final Duration CLOSE_LIMIT = Duration.ofMillis(400);

  /**
   * Vert.x's own meters: of its pools. HTTP and the bus are measured by route, job and channel
   * instead.
   */
  private static final MicrometerMetricsOptions POOLS_ONLY =
      new MicrometerMetricsOptions()
          .setEnabled(true)
          .setDisabledMetricsCategories(
              Stream.concat(
                      Arrays.stream(MetricsDomain.values())
                          .filter(domain -> domain != MetricsDomain.NAMED_POOLS)
                          .map(MetricsDomain::toCategory),
                      Stream.of("redis", "sql"))
                  .collect(Collectors.toSet()));

  private final Configuration configuration;
  private final NodeConfig config;
  private final Vertx vertx;
  private final Metrics metrics = new Metrics();
  private final Readiness readiness = new Readiness();
  private final Deployments deployments;
  private final ManagementServer management;
  private final EdgeLoad load;
  private volatile String phase = "starting";

  private Node(Configuration configuration) {
    this.configuration = configuration;
    this.config = configuration.get(NodeConfig.class);
    this.vertx =
        Vertx.builder()
            .with(
                new VertxOptions()
                    .setEventLoopPoolSize(config.loops())
                    .setPreferNativeTransport(true)
                    .setMetricsOptions(POOLS_ONLY))
            .withMetrics(new MicrometerMetricsFactory(metrics.registry()))
            .build();
    this.deployments = new Deployments(vertx);
    this.management =
        new ManagementServer(
            configuration.get(ManagementConfig.class), readiness, metrics.registry());
    this.load = new EdgeLoad(configuration.get(EdgeConfig.class), metrics.registry());
    readiness.register("node", () -> phase.equals("serving") ? Readiness.OK : phase);
  }

  /**
   * Starts a node and returns once it listens. Lost dependencies do not stop the start; readiness
   * tells.
   *
   * @param routes routes.yaml
   */
  static Node start(Configuration configuration, RouteFile routes) throws Exception {
    long begin = System.nanoTime();
    Node node = new Node(configuration);
    try {
      get(node.wire(routes), START_LIMIT);
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

  private Future<?> wire(RouteFile routesFile) {
    MeterRegistry meters = metrics.registry();
    PostgresConfig postgres = configuration.get(PostgresConfig.class);
    RedisConfig redis = configuration.get(RedisConfig.class);
    KafkaConfig kafka = configuration.get(KafkaConfig.class);
    BusMetrics busMetrics = new BusMetrics(meters);
    Bus bus = new Bus(vertx, busMetrics);
    busMetrics.watch(bus);
    Peers peers = new Peers(bus);

    // Far sides: they own the state and serve the bus.
    RateLimits limits = new RateLimits(configuration.get(LimitsConfig.class), peers, meters);
    RateLimitVerticle ratelimit = new RateLimitVerticle(bus, limits, redis, meters);
    IngestionVerticle ingestion =
        new IngestionVerticle(
            bus,
            configuration.get(IngestionConfig.class),
            Map.of("bootstrap.servers", kafka.servers()),
            meters);
    readiness.register("log", ingestion::readiness);
    RoutingConfig routing = configuration.get(RoutingConfig.class);
    ProfileConfig profile = configuration.get(ProfileConfig.class);

    // The projection writes to the schema, so it waits for it; nobody waits for the projection.
    Migrations migrations = new Migrations(postgres, readiness);
    migrations
        .done()
        .compose(
            migrated ->
                deployments.deploy(
                    new ProjectionVerticle(
                        bus,
                        configuration.get(ProjectionConfig.class),
                        kafka.servers(),
                        Postgres.pool(vertx, postgres, "projection"),
                        meters,
                        readiness)))
        .onFailure(cause -> log.atError().setCause(cause).log("the projection did not start"));

    // Near sides: what the front door calls.
    ProfileLookup profiles = new ProfileLookup(bus, vertx, profile, meters);
    Routes routes = new Routes(bus, vertx, routing, meters);
    deployments.onStopped(routes::close);
    readiness.register("routes", () -> routes.ready() ? Readiness.OK : "no route table yet");

    return Future.all(
            List.of(
                deployments
                    .deploy(management)
                    .recover(
                        cause -> {
                          ManagementConfig at = configuration.get(ManagementConfig.class);
                          return Deployments.cannotListen(
                              "management", at.host(), at.port(), cause);
                        }),
                deployments.deploy(migrations),
                deployments.deploy(peers),
                deployments.deploy(ratelimit),
                deployments.deploy(ingestion),
                deployments.deploy(
                    new ProfileVerticle(
                        bus, profile, Postgres.pool(vertx, postgres, "profile"), redis, meters)),
                deployments.deploy(new RoutingVerticle(bus, routesFile, routing, meters))))
        .compose(farSides -> Future.all(profiles.start(), routes.start()))
        .compose(started -> Authenticator.start(vertx, configuration.get(AuthConfig.class), meters))
        .compose(
            authenticator -> {
              if (configuration.get(AuthConfig.class).jwks().isPresent()) {
                readiness.register(
                    "keys",
                    () -> authenticator.hasKeys() ? Readiness.OK : "auth.jwks: no key set yet");
              }
              Forwarder forwarder = new Forwarder(vertx, routing, meters);
              deployments.onStopped(
                  () -> {
                    forwarder.close();
                    return Future.succeededFuture();
                  });
              EdgeContext near =
                  new EdgeContext(
                      () ->
                          new EventIntake(
                              bus,
                              vertx,
                              configuration.get(IngestionConfig.class),
                              Clock.systemUTC(),
                              meters),
                      () -> new RateLimiter(bus, limits, System::nanoTime, meters),
                      profiles,
                      routes,
                      forwarder,
                      authenticator,
                      load,
                      meters);
              EdgeConfig edge = configuration.get(EdgeConfig.class);
              return deployments
                  .deploy(
                      () -> new EdgeVerticle(edge, near),
                      new DeploymentOptions().setInstances(config.loops()))
                  .recover(
                      cause -> Deployments.cannotListen("edge", edge.host(), edge.port(), cause));
            });
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
   * Drains and stops: not ready, then the front door finishes what is in flight, then the far sides
   * flush, in the configured time and before the deadline.
   */
  void close(Deadline deadline) {
    if (phase.equals("stopped")) {
      return;
    }
    phase = "draining";
    load.startDraining();
    log.info("draining");
    try {
      if (config.drainDelay().isPositive()) {
        Thread.sleep(deadline.left(config.drainDelay()));
      }
      get(deployments.stop(), deadline.before(CLOSE_LIMIT).left(config.drainTimeout()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException | TimeoutException e) {
      log.atWarn().addKeyValue("reason", String.valueOf(e)).log("stopped before all was drained");
    }
    try {
      get(vertx.close(), deadline.left(CLOSE_LIMIT));
    } catch (Exception e) {
      log.atWarn().addKeyValue("reason", String.valueOf(e)).log("stopped the hard way");
    }
    metrics.close();
    phase = "stopped";
    log.info("stopped");
  }

  private static <T> T get(Future<T> future, Duration limit)
      throws InterruptedException, ExecutionException, TimeoutException {
    return future
        .toCompletionStage()
        .toCompletableFuture()
        .get(limit.toMillis(), TimeUnit.MILLISECONDS);
  }
}
