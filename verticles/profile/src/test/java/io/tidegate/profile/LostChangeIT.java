package io.tidegate.profile;

import static io.tidegate.profile.ProfileStack.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.tidegate.bus.Bus;
import io.tidegate.bus.BusMap;
import io.tidegate.bus.CallObserver;
import io.tidegate.bus.Peers;
import io.tidegate.bus.Trace;
import io.tidegate.cluster.BusOptions;
import io.tidegate.cluster.ClusterConfig;
import io.tidegate.cluster.Membership;
import io.tidegate.platform.ConfigLoader;
import io.tidegate.proto.cluster.NodeStatus;
import io.tidegate.proto.profile.ProfileChange;
import io.tidegate.proto.profile.ProfilesChanged;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * One node of a real cluster projects, another one serves profiles from all layers, and the news
 * between them is lost.
 */
class LostChangeIT {
  private static final Duration SOON = Duration.ofSeconds(10);

  /** What docs/architecture.md promises. */
  private static final Duration PROMISED = Duration.ofSeconds(2);

  /** A member of the cluster. */
  private static final class Member implements AutoCloseable {
    final Vertx vertx;
    final Peers peers;
    final Bus bus;
    volatile boolean dropsNews;

    Member(String cluster, String role, int port, int seed) throws Exception {
      ClusterConfig config =
          ConfigLoader.section(
              ClusterConfig.class,
              Map.of(
                  "cluster.name",
                  cluster,
                  "cluster.members",
                  "127.0.0.1:" + seed,
                  "cluster.port",
                  Integer.toString(port)));
      int busPort = freePort();
      Membership membership = Membership.join(config, "members", role, busPort);
      vertx =
          await(
              Vertx.builder()
                  .with(new VertxOptions().setEventBusOptions(BusOptions.of(config, busPort)))
                  .withClusterManager(membership)
                  .buildClustered());
      peers = membership.peers();
      peers.tell(() -> NodeStatus.newBuilder().setName(role).addRoles(role).build());
      bus = new Bus(vertx, peers, CallObserver.NONE);
      vertx
          .eventBus()
          .addOutboundInterceptor(
              delivery -> {
                if (!dropsNews || !delivery.message().address().startsWith("profile.changed@")) {
                  delivery.next();
                }
              });
      await(vertx.deployVerticle(peers));
    }

    @Override
    public void close() throws Exception {
      await(vertx.close());
    }
  }

  private ProfileStack stack;
  private Member projection;
  private Member profile;
  private ProfileLookup lookup;

  @BeforeEach
  void start() throws Exception {
    stack = ProfileStack.shared();
    String cluster = "test-" + UUID.randomUUID();
    int port = freePort();
    projection = new Member(cluster, "projection", port, port);
    profile = new Member(cluster, "profile", freePort(), port);
    SimpleMeterRegistry meters = new SimpleMeterRegistry();
    await(
        profile.vertx.deployVerticle(
            new ProfileVerticle(
                profile.bus, stack.config, stack.pool, stack.pool, stack.redisConfig, meters)));
    lookup = new ProfileLookup(profile.bus, profile.vertx, stack.config, meters);
    await(lookup.start());
    until("they hear each other", SOON, () -> profile.peers.live() == 2);
    until("no doubt", SOON, () -> profile.bus.doubtedFor(System.nanoTime()) == 0);
  }

  @AfterEach
  void stop() throws Exception {
    profile.close();
    projection.close();
    stack.close();
  }

  @Test
  void aProfileIsRightAgainWithinThePromiseWhenTheNewsOfItsChangeIsLost() throws Exception {
    String id = ProfileStack.newId();
    stack.write(id, 1);
    assertThat(version(id)).isEqualTo(1);
    projection.dropsNews = true;
    stack.write(id, 2);
    projection.bus.publish(
        BusMap.PROFILE_CHANGED,
        ProfilesChanged.newBuilder()
            .addChanges(ProfileChange.newBuilder().setId(id).setVersion(2))
            .build());
    until("version 2", PROMISED, () -> version(id) == 2);
  }

  @Test
  void alsoWhenItsWriterDiesBeforeItTells() throws Exception {
    String id = ProfileStack.newId();
    stack.write(id, 1);
    assertThat(version(id)).isEqualTo(1);
    stack.write(id, 2);
    projection.close();
    until("version 2", PROMISED, () -> version(id) == 2);
  }

  private long version(String id) {
    try {
      return await(lookup.find(id, Trace.NONE)).version();
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  private static int freePort() throws IOException {
    try (ServerSocket probe = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return probe.getLocalPort();
    }
  }

  private static void until(String what, Duration limit, BooleanSupplier holds) {
    long deadline = System.nanoTime() + limit.toNanos();
    while (!holds.getAsBoolean()) {
      assertThat(System.nanoTime()).as("not within %s: %s", limit, what).isLessThan(deadline);
      LockSupport.parkNanos(2_000_000);
    }
  }
}
