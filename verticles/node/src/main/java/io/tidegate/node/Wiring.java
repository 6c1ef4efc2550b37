package io.tidegate.node;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.tidegate.bus.Bus;
import io.tidegate.bus.SharedTruth;
import io.tidegate.edge.EdgeConfig;
import io.tidegate.edge.EdgeContext;
import io.tidegate.edge.EdgeLoad;
import io.tidegate.edge.EdgeVerticle;
import io.tidegate.edge.auth.AuthConfig;
import io.tidegate.edge.auth.Authenticator;
import io.tidegate.ingestion.EventIntake;
import io.tidegate.ingestion.IngestionConfig;
import io.tidegate.ingestion.IngestionVerticle;
import io.tidegate.node.Deployments.Stage;
import io.tidegate.platform.Configuration;
import io.tidegate.platform.KafkaConfig;
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
import io.tidegate.ratelimit.LimitsFile;
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
import io.vertx.sqlclient.Pool;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Deploys what a node's roles need, wired to the bus; the one place where all contexts meet. */
final class Wiring {
  private static final Logger log = LoggerFactory.getLogger(Wiring.class);
  private static final Pattern OF_ONE_NODE =
      Pattern.compile("limits\\..*|node\\.(name|roles.*)|cluster\\.members.*|.*[.-](port|host)");

  private final Configuration configuration;
  private final NodeConfig config;
  private final Ground ground;
  private final Vertx vertx;
  private final Bus bus;
  private final Deployments deployments;
  private final Readiness readiness;
  private final MeterRegistry meters;
  private final EdgeLoad load;
  private final NodeReport report;

  Wiring(
      Configuration configuration,
      Ground ground,
      Bus bus,
      Deployments deployments,
      Readiness readiness,
      MeterRegistry meters,
      EdgeLoad load,
      NodeReport report) {
    this.configuration = configuration;
    this.config = configuration.get(NodeConfig.class);
    this.ground = ground;
    this.vertx = ground.vertx();
    this.bus = bus;
    this.deployments = deployments;
    this.readiness = readiness;
    this.meters = meters;
    this.load = load;
    this.report = report;
  }

  /**
   * Far sides first, the front door last.
   *
   * @param routesFile routes.yaml
   * @return done when the node listens
   */
  Future<?> deploy(RouteFile routesFile) {
    RateLimits limits =
        new RateLimits(configuration.get(LimitsConfig.class), ground.peers(), meters);
    SharedTruth routes = SharedTruth.routes(bus, vertx, config.called());
    SharedTruth policies = SharedTruth.limits(bus, vertx, config.called());
    long fingerprint = configuration.fingerprint(Wiring::isSameOnAllNodes);
    tell("configuration", () -> fingerprint);
    return deployments
        .deploy(Stage.MANAGEMENT, ground.peers())
        .compose(listening -> Future.all(share(routes), share(policies)))
        .compose(shared -> limits.follow(policies, vertx))
        .compose(following -> deploy(routesFile, routes, policies, limits));
  }

  /** A document that all nodes agree on: every node has it, and tells which. */
  private Future<?> share(SharedTruth truth) {
    String what = truth.what();
    tell(what, truth::revision);
    report.version(what + ".hash", truth::hash);
    report.degraded(what, truth::degraded);
    deployments.onStop(Stage.CONNECTIONS, truth::close);
    return truth.start();
  }

  private void tell(String what, LongSupplier version) {
    report.version(what, version);
    Gauge.builder("tidegate.cluster.version", version, LongSupplier::getAsLong)
        .description("versions in force on this node; equal on all nodes when all is well")
        .tag("what", what)
        .strongReference(true)
        .register(meters);
  }

  /** Whether ops will want a key to say the same everywhere; limits have a version of their own. */
  private static boolean isSameOnAllNodes(String key) {
    return !OF_ONE_NODE.matcher(key).matches();
  }

  private Future<?> deploy(
      RouteFile routesFile, SharedTruth tables, SharedTruth policies, RateLimits limits) {
    List<Future<?>> farSides = new ArrayList<>();
    if (hosts(Role.RATELIMIT)) {
      farSides.add(
          deployments.deploy(
              Stage.FAR_SIDES,
              new RateLimitVerticle(
                  bus,
                  limits,
                  policies,
                  limitsFile(),
                  configuration.get(RedisConfig.class),
                  meters)));
    }
    if (hosts(Role.INGESTION)) {
      farSides.add(ingestion());
    }
    if (hosts(Role.PROFILE)) {
      farSides.add(profiles());
    }
    if (hosts(Role.ROUTING)) {
      farSides.add(
          deployments.deploy(
              Stage.FAR_SIDES,
              new RoutingVerticle(
                  tables, routesFile, configuration.get(RoutingConfig.class), meters)));
    }
    if (hosts(Role.PROJECTION) || hosts(Role.PROFILE)) {
      farSides.add(store());
    }
    Future<?> all = Future.all(farSides);
    return hosts(Role.EDGE) ? all.compose(deployed -> frontDoor(tables, limits)) : all;
  }

  private LimitsFile limitsFile() {
    return new LimitsFile(
        configuration.file("limits.yaml"),
        () -> configuration.again().get(LimitsConfig.class),
        configuration.get(RoutingConfig.class).reloadEvery());
  }

  private boolean hosts(Role role) {
    return config.roles().contains(role);
  }

  private Future<?> ingestion() {
    IngestionVerticle ingestion =
        new IngestionVerticle(
            bus,
            configuration.get(IngestionConfig.class),
            KafkaConfig.clients(configuration.get(KafkaConfig.class)),
            meters);
    readiness.register("log", ingestion::readiness);
    return deployments.deploy(Stage.FAR_SIDES, ingestion);
  }

  private Future<?> profiles() {
    PostgresConfig postgres = configuration.get(PostgresConfig.class);
    Pool pool = Postgres.pool(vertx, postgres, "profile");
    ProfileConfig config = configuration.get(ProfileConfig.class);
    return deployments.deploy(
        Stage.FAR_SIDES,
        ProfileVerticle.instances(
            bus,
            config,
            pool,
            postgres.pipelining() > 1 ? Postgres.pipelined(vertx, postgres, "profile-reads") : pool,
            configuration.get(RedisConfig.class),
            meters),
        new DeploymentOptions().setInstances(config.instances()));
  }

  /** The schema, and the projection, which waits for it; nobody waits for the projection. */
  private Future<?> store() {
    PostgresConfig postgres = configuration.get(PostgresConfig.class);
    Migrations migrations = new Migrations(postgres, readiness);
    if (hosts(Role.PROJECTION)) {
      ProjectionVerticle projection =
          new ProjectionVerticle(
              bus,
              configuration.get(ProjectionConfig.class),
              KafkaConfig.clients(configuration.get(KafkaConfig.class)),
              Postgres.pool(vertx, postgres, "projection"),
              meters,
              readiness);
      report.partitions(projection::partitionsOwned);
      migrations
          .done()
          .compose(migrated -> deployments.deploy(Stage.PROJECTION, projection))
          .onFailure(cause -> log.atError().setCause(cause).log("the projection did not start"));
    }
    return deployments.deploy(Stage.FAR_SIDES, migrations);
  }

  private Future<?> frontDoor(SharedTruth tables, RateLimits limits) {
    RoutingConfig routing = configuration.get(RoutingConfig.class);
    ProfileLookup profiles =
        new ProfileLookup(bus, vertx, configuration.get(ProfileConfig.class), meters);
    Routes routes = new Routes(tables, vertx, config.loops(), routing, meters);
    deployments.onStop(Stage.CONNECTIONS, routes::close);
    readiness.register("routes", () -> routes.ready() ? Readiness.OK : "no route table yet");
    readiness.register("roles", new RolesSeen(ground.peers(), config.roles()));
    report.leases(limits::leases);
    report.degraded(
        "leases",
        () ->
            limits.degraded()
                ? "leases can't be had: this node grants its share, or nothing while others may be granting"
                : null);
    return Future.all(profiles.start(), routes.start())
        .compose(started -> Authenticator.start(vertx, configuration.get(AuthConfig.class), meters))
        .compose(
            authenticator -> {
              if (configuration.get(AuthConfig.class).jwks().isPresent()) {
                readiness.register(
                    "keys",
                    () -> authenticator.hasKeys() ? Readiness.OK : "auth.jwks: no key set yet");
              }
              Forwarder forwarder = new Forwarder(vertx, routing, meters);
              deployments.onStop(
                  Stage.CONNECTIONS,
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
                      () -> new RateLimiter(bus, vertx, limits, System::nanoTime, meters),
                      profiles,
                      routes,
                      forwarder,
                      authenticator,
                      load,
                      meters);
              EdgeConfig edge = configuration.get(EdgeConfig.class);
              return deployments
                  .deploy(
                      Stage.FRONT_DOOR,
                      () -> new EdgeVerticle(edge, near),
                      new DeploymentOptions().setInstances(config.loops()))
                  .recover(
                      cause -> Deployments.cannotListen("edge", edge.host(), edge.port(), cause));
            });
  }
}
