package io.tidegate.cluster;

import io.tidegate.bus.Bus;
import io.tidegate.bus.CallObserver;
import io.tidegate.bus.Peers;
import io.tidegate.bus.SharedTruth;
import io.tidegate.platform.ConfigLoader;
import io.tidegate.platform.ConfigSection;
import io.tidegate.proto.cluster.NodeStatus;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** A member of a real cluster on this machine: its bus, and its copy of the route table. */
final class TestNode implements AutoCloseable {
  final Vertx vertx;
  final Peers peers;
  final Bus bus;
  final SharedTruth routes;
  volatile boolean dropsNews;

  /**
   * @param cluster its name; nodes of the same name find each other
   */
  TestNode(String cluster, String name, int port, int seedPort) throws Exception {
    ClusterConfig config =
        ConfigLoader.section(
            new ConfigSection<>(ClusterConfig.class, ClusterConfig::check),
            Map.of(
                "cluster.name",
                cluster,
                "cluster.members",
                "127.0.0.1:" + seedPort,
                "cluster.port",
                Integer.toString(port)));
    int busPort = freePort();
    Membership membership = Membership.join(config, "members", name, busPort);
    vertx =
        await(
            Vertx.builder()
                .with(
                    new VertxOptions()
                        .setEventLoopPoolSize(1)
                        .setEventBusOptions(BusOptions.of(config, busPort)))
                .withClusterManager(membership)
                .buildClustered());
    peers = membership.peers();
    bus = new Bus(vertx, peers, CallObserver.NONE);
    routes = SharedTruth.routes(bus, vertx, name);
    peers.tell(
        () ->
            NodeStatus.newBuilder()
                .setName(name)
                .addRoles("edge")
                .putVersions("routes", routes.revision())
                .putVersions("routes.hash", routes.hash())
                .build());
    vertx
        .eventBus()
        .addOutboundInterceptor(
            delivery -> {
              if (!dropsNews || !delivery.message().address().startsWith("routing.changed@")) {
                delivery.next();
              }
            });
    await(vertx.deployVerticle(peers));
  }

  TestNode started() throws Exception {
    await(routes.start());
    return this;
  }

  static int freePort() throws IOException {
    try (ServerSocket probe = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return probe.getLocalPort();
    }
  }

  static String newCluster() {
    return "test-" + ThreadLocalRandom.current().nextLong(Long.MAX_VALUE);
  }

  static <T> T await(Future<T> future) throws Exception {
    return future.await(20, TimeUnit.SECONDS);
  }

  static void until(String what, Duration limit, BooleanSupplier holds) {
    long deadline = System.nanoTime() + limit.toNanos();
    while (!holds.getAsBoolean()) {
      if (System.nanoTime() > deadline) {
        throw new AssertionError("not within " + limit + ": " + what);
      }
      LockSupport.parkNanos(2_000_000);
    }
  }

  @Override
  public void close() throws Exception {
    await(vertx.close());
  }
}
