package io.tidegate.cluster;

import io.tidegate.bus.Bus;
import io.tidegate.bus.Peers;
import io.tidegate.bus.SharedTruth;
import io.tidegate.proto.cluster.NodeStatus;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** A member of a real cluster on this machine: its bus, and its copy of the route table. */
final class TestNode implements AutoCloseable {
  private final Member member;
  final Vertx vertx;
  final Peers peers;
  final Bus bus;
  final SharedTruth routes;
  volatile boolean dropsNews;

  /**
   * @param cluster its name; nodes of the same name find each other
   */
  TestNode(String cluster, String name, int port, int seedPort) throws Exception {
    member = new Member(name, Member.settings(cluster, port, List.of(seedPort)), "edge");
    vertx = member.vertx;
    peers = member.peers;
    bus = member.bus;
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
  }

  TestNode started() throws Exception {
    await(routes.start());
    return this;
  }

  static int freePort() throws IOException {
    return Member.freePort();
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
    member.close();
  }
}
