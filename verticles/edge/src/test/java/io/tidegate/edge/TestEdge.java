package io.tidegate.edge;

import com.google.protobuf.ByteString;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.tidegate.bus.Bus;
import io.tidegate.bus.BusMap;
import io.tidegate.bus.Failure;
import io.tidegate.bus.SharedTruth;
import io.tidegate.edge.auth.AuthConfig;
import io.tidegate.edge.auth.Authenticator;
import io.tidegate.edge.auth.TestTokens;
import io.tidegate.ingestion.EventIntake;
import io.tidegate.ingestion.IngestionConfig;
import io.tidegate.platform.ConfigLoader;
import io.tidegate.profile.ProfileConfig;
import io.tidegate.profile.ProfileLookup;
import io.tidegate.proto.ingestion.AppendReply;
import io.tidegate.proto.ingestion.EventRecord;
import io.tidegate.proto.profile.EraseReply;
import io.tidegate.proto.profile.FindReply;
import io.tidegate.proto.profile.FoundProfile;
import io.tidegate.proto.profile.Source;
import io.tidegate.proto.ratelimit.Lease;
import io.tidegate.proto.ratelimit.LeaseReply;
import io.tidegate.ratelimit.LimitsConfig;
import io.tidegate.ratelimit.RateLimiter;
import io.tidegate.ratelimit.RateLimits;
import io.tidegate.routing.Forwarder;
import io.tidegate.routing.Routes;
import io.tidegate.routing.RoutingConfig;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A running edge with the real near sides; the test itself answers on the bus, as the far sides
 * would.
 */
final class TestEdge implements AutoCloseable {
  static final TestTokens ISSUER = new TestTokens();

  static {
    ConnectionGuard.install();
  }

  final Vertx vertx;
  final int port;
  final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  final EdgeLoad load;
  final List<EventRecord> log = new CopyOnWriteArrayList<>();
  final Map<String, String> profiles = new ConcurrentHashMap<>();
  final AtomicLong quota = new AtomicLong(Long.MAX_VALUE);
  volatile boolean logDown;

  /** When set, the log's acknowledgements wait for it. */
  volatile Promise<Void> logGate;

  private final String deployment;

  TestEdge(Map<String, String> settings) {
    this(settings, "routes: {}\n");
  }

  TestEdge(Map<String, String> settings, String routesYaml) {
    vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(2));
    Bus bus = new Bus(vertx);
    serve(bus);
    Map<String, String> values = new HashMap<>(settings);
    port = freePort();
    values.put("edge.port", Integer.toString(port));
    values.putIfAbsent("edge.host", "127.0.0.1");
    EdgeConfig config = ConfigLoader.section(EdgeConfig.class, only("edge.", values));
    Map<String, String> auth = only("auth.", values);
    auth.put("auth.write-keys.shop", "k3y");
    auth.putIfAbsent("auth.jwks", jwksFile().toString());
    Map<String, String> limits = only("limits.", values);
    if (limits.isEmpty()) {
      limits.put("limits.policies.per-key.by", "write-key");
      limits.put("limits.policies.per-key.limit", "100000");
      limits.put("limits.policies.per-key.period", "1s");
    }
    load = new EdgeLoad(config, registry);
    io.tidegate.bus.Peers nodes = io.tidegate.bus.Peers.alone();
    RateLimits shared =
        new RateLimits(ConfigLoader.section(LimitsConfig.class, limits), nodes, registry);
    ProfileLookup lookup =
        new ProfileLookup(
            bus, vertx, ConfigLoader.section(ProfileConfig.class, Map.of()), registry);
    RoutingConfig routing = ConfigLoader.section(RoutingConfig.class, Map.of());
    SharedTruth tables = SharedTruth.routes(bus, vertx, "edge");
    Routes routes = new Routes(tables, vertx, 2, routing, registry);
    IngestionConfig ingestion = ConfigLoader.section(IngestionConfig.class, Map.of());
    await(lookup.start());
    await(tables.start());
    await(routes.start());
    await(tables.offer(ByteString.copyFromUtf8(routesYaml), 1));
    Authenticator authenticator =
        await(Authenticator.start(vertx, ConfigLoader.section(AuthConfig.class, auth), registry));
    EdgeContext near =
        new EdgeContext(
            () -> new EventIntake(bus, vertx, ingestion, Clock.systemUTC(), registry),
            () -> new RateLimiter(bus, vertx, shared, System::nanoTime, registry),
            lookup,
            routes,
            new Forwarder(vertx, routing, registry),
            authenticator,
            load,
            registry);
    deployment =
        await(
            vertx.deployVerticle(
                () -> new EdgeVerticle(config, near), new DeploymentOptions().setInstances(2)));
  }

  private void serve(Bus bus) {
    profiles.put(
        "42",
        "{\"id\":\"42\",\"traits\":{\"name\":\"Li\",\"email\":\"li@example.com\"},\"version\":3}");
    await(
        bus.serve(
            BusMap.INGESTION_APPEND,
            (request, trace) -> {
              if (logDown) {
                return Future.failedFuture(Failure.LOG_UNAVAILABLE.because("the log is down"));
              }
              log.addAll(request.getEventsList());
              AppendReply reply =
                  AppendReply.newBuilder().setAccepted(request.getEventsCount()).build();
              Promise<Void> gate = logGate;
              return gate == null ? Future.succeededFuture(reply) : gate.future().map(reply);
            }));
    await(
        bus.serve(
            BusMap.PROFILE_FIND,
            (request, trace) -> {
              FindReply.Builder reply = FindReply.newBuilder();
              for (String id : request.getIdsList()) {
                String json = profiles.get(id);
                reply.addProfiles(
                    FoundProfile.newBuilder()
                        .setId(id)
                        .setExists(json != null)
                        .setVersion(json == null ? 0 : 3)
                        .setJson(ByteString.copyFromUtf8(json == null ? "" : json))
                        .setSource(Source.SOURCE_POSTGRES));
              }
              return Future.succeededFuture(reply.build());
            }));
    await(
        bus.serve(
            BusMap.PROFILE_ERASE,
            (request, trace) ->
                Future.succeededFuture(
                    EraseReply.newBuilder()
                        .setExisted(profiles.remove(request.getId()) != null)
                        .build())));
    await(
        bus.serve(
            BusMap.RATELIMIT_LEASE,
            (request, trace) -> {
              LeaseReply.Builder reply = LeaseReply.newBuilder();
              request
                  .getWantsList()
                  .forEach(
                      want -> {
                        long granted = Math.min(want.getUnits(), quota.get());
                        quota.addAndGet(-granted);
                        Lease.Builder lease =
                            Lease.newBuilder()
                                .setGranted(granted)
                                .setValidMs(400)
                                .setRemaining(quota.get());
                        reply.addLeases(granted == 0 ? lease.setRetryAfterMs(7_000) : lease);
                      });
              return Future.succeededFuture(reply.build());
            }));
  }

  URI uri(String path) {
    return URI.create("http://127.0.0.1:" + port + path);
  }

  RawClient raw() throws IOException {
    return new RawClient(port);
  }

  static String basic() {
    return "Basic " + Base64.getEncoder().encodeToString("k3y:".getBytes(StandardCharsets.UTF_8));
  }

  static String bearer(String subject, String role) {
    return "Bearer " + ISSUER.token(subject, role);
  }

  static <T> T await(Future<T> future) {
    try {
      return future.await(20, TimeUnit.SECONDS);
    } catch (java.util.concurrent.TimeoutException e) {
      throw new AssertionError("not done within 20 s", e);
    }
  }

  Future<Void> undeploy() {
    return vertx.undeploy(deployment);
  }

  @Override
  public void close() {
    await(vertx.close());
  }

  private static Path jwksFile() {
    try {
      Path file = Files.createTempFile("jwks", ".json");
      file.toFile().deleteOnExit();
      return Files.writeString(file, ISSUER.jwks());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Map<String, String> only(String prefix, Map<String, String> values) {
    Map<String, String> some = new HashMap<>();
    values.forEach(
        (key, value) -> {
          if (key.startsWith(prefix)) {
            some.put(key, value);
          }
        });
    return some;
  }

  static int freePort() {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
