package io.tidegate.cluster;

import io.tidegate.bus.Bus;
import io.tidegate.bus.CallObserver;
import io.tidegate.bus.Peers;
import io.tidegate.platform.ConfigLoader;
import io.tidegate.proto.cluster.NodeStatus;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A member of a cluster in this JVM: a Vert.x of its own, its bus and its peers. */
final class Member implements AutoCloseable {
  final Membership membership;
  final Vertx vertx;
  final Bus bus;
  final Peers peers;

  /**
   * @param settings of the section {@code cluster}
   */
  Member(String name, Map<String, String> settings, String... roles) throws Exception {
    this(name, settings, freePort(), roles);
  }

  private Member(String name, Map<String, String> settings, int busPort, String... roles)
      throws Exception {
    this(name, settings, busPort, busPort, roles);
  }

  /**
   * @param settings of the section {@code cluster}
   * @param toldPort where others look for its bus
   * @param busPort where it listens
   */
  Member(String name, Map<String, String> settings, int toldPort, int busPort, String... roles)
      throws Exception {
    ClusterConfig config = ConfigLoader.section(ClusterConfig.class, settings);
    membership = Membership.join(config, config.joinBy().orElseThrow(), name, toldPort);
    peers = membership.peers();
    vertx =
        get(
            Vertx.builder()
                .with(
                    new VertxOptions()
                        .setEventLoopPoolSize(1)
                        .setEventBusOptions(BusOptions.of(config, busPort)))
                .withClusterManager(membership)
                .buildClustered());
    bus = new Bus(vertx, peers, CallObserver.NONE);
    peers.tell(
        () ->
            NodeStatus.newBuilder()
                .setName(name)
                .addAllRoles(List.of(roles))
                .addAllAble(bus.ableRoles())
                .build());
    get(vertx.deployVerticle(peers));
  }

  /** Settings of members that find each other at these ports. */
  static Map<String, String> settings(String cluster, int own, List<Integer> all) {
    Map<String, String> settings = new HashMap<>();
    settings.put("cluster.name", cluster);
    settings.put("cluster.port", Integer.toString(own));
    settings.put(
        "cluster.members",
        String.join(",", all.stream().map(port -> "127.0.0.1:" + port).toList()));
    return settings;
  }

  static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  static <T> T get(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
  }

  @Override
  public void close() throws Exception {
    get(vertx.close());
  }
}
