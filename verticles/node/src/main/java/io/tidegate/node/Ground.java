package io.tidegate.node;

import io.micrometer.core.instrument.MeterRegistry;
import io.tidegate.bus.Peers;
import io.tidegate.cluster.BusOptions;
import io.tidegate.cluster.ClusterConfig;
import io.tidegate.cluster.Membership;
import io.vertx.core.Vertx;
import io.vertx.core.VertxBuilder;
import io.vertx.core.VertxOptions;
import io.vertx.micrometer.MetricsDomain;
import io.vertx.micrometer.MicrometerMetricsFactory;
import io.vertx.micrometer.MicrometerMetricsOptions;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a node stands on: its Vert.x, alone or in a cluster, and the other nodes.
 *
 * @param membership null for a node that stays alone
 */
record Ground(Vertx vertx, Peers peers, @Nullable Membership membership) {
  private static final Logger log = LoggerFactory.getLogger(Ground.class);
  private static final Duration BUS_LIMIT = Duration.ofSeconds(10);

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

  /**
   * Makes it, joining the cluster when one is configured.
   *
   * @throws CommandFailure when the cluster can't be joined, with the reason and how to mend it
   */
  static Ground make(NodeConfig node, ClusterConfig cluster, MeterRegistry meters)
      throws InterruptedException {
    VertxOptions options =
        new VertxOptions().setEventLoopPoolSize(node.loops()).setMetricsOptions(POOLS_ONLY);
    VertxBuilder builder =
        Vertx.builder()
            .with(options)
            .withTransport(node.transport().here())
            .withMetrics(new MicrometerMetricsFactory(meters));
    Optional<String> by = cluster.joinBy();
    if (by.isEmpty()) {
      return new Ground(builder.build(), Peers.alone(), null);
    }
    int busPort = cluster.busPort() == 0 ? freePort(cluster.host()) : cluster.busPort();
    Membership membership = join(node, cluster, by.get(), busPort);
    options.setEventBusOptions(BusOptions.of(cluster, busPort));
    try {
      Vertx vertx =
          builder
              .withClusterManager(membership)
              .buildClustered()
              .toCompletionStage()
              .toCompletableFuture()
              .get(BUS_LIMIT.toMillis(), TimeUnit.MILLISECONDS);
      log.atInfo()
          .addKeyValue("cluster", cluster.name())
          .addKeyValue("members", membership.size())
          .addKeyValue("bus", cluster.host() + ":" + busPort)
          .addKeyValue("tls", cluster.tls().configured())
          .log("joined the cluster");
      return new Ground(vertx, membership.peers(), membership);
    } catch (ExecutionException | TimeoutException e) {
      membership.leave((done, failure) -> {});
      throw new CommandFailure(
          "the event bus can't listen on cluster.host %s, cluster.bus-port %d: %s"
              .formatted(cluster.host(), busPort, reason(e)));
    }
  }

  private static Membership join(NodeConfig node, ClusterConfig cluster, String by, int busPort) {
    try {
      return Membership.join(cluster, by, node.called(), busPort);
    } catch (IOException | RuntimeException e) {
      throw new CommandFailure(
          "can't join the cluster (cluster.join %s, cluster.host %s, cluster.port %d): %s"
              .formatted(by, cluster.host(), cluster.port(), reason(e)));
    }
  }

  private static String reason(Throwable failure) {
    Throwable root = failure;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    return String.valueOf(root.getMessage()).lines().findFirst().orElse(root.toString());
  }

  private static int freePort(String host) {
    try (ServerSocket probe = new ServerSocket(0, 1, InetAddress.getByName(host))) {
      return probe.getLocalPort();
    } catch (IOException e) {
      throw new CommandFailure(
          "cluster.host: "
              + host
              + " (expected: an address of this machine; "
              + e.getMessage()
              + ")");
    }
  }
}
