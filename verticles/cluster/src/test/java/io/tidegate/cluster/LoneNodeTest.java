package io.tidegate.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidegate.platform.ConfigLoader;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/** What a node without company says, for each way to join. */
class LoneNodeTest {
  private static final Vertx VERTX = Vertx.vertx();

  /** Longer than a name may be, so that no name server is asked and the test needs none. */
  private static final String UNKNOWN = "no-such-host-".repeat(6) + "x";

  @AfterAll
  static void stop() throws Exception {
    Member.get(VERTX.close());
  }

  @Test
  void ofMembersItSaysWhatEachDoes() throws Exception {
    int closed = Member.freePort();
    String members = "127.0.0.1:%d,%s:5701,127.0.0.1:1".formatted(closed, UNKNOWN);
    assertThat(says("members", Map.of("cluster.members", members), 1))
        .startsWith("alone: cluster.members: ")
        .contains("127.0.0.1:" + closed + " refused (is a node up there?)")
        .contains(UNKNOWN + ":5701 no such host")
        .doesNotContain("127.0.0.1:1 ");
    assertThat(says("members", Map.of("cluster.members", "127.0.0.1:1"), 1)).isNull();
  }

  @Test
  void strangersGoBeforeThoseWhoAreNotThere() throws Exception {
    try (ServerSocket stranger = listen("127.0.0.1")) {
      String members =
          "127.0.0.1:%d,127.0.0.1:%d".formatted(Member.freePort(), stranger.getLocalPort());
      assertThat(says("members", Map.of("cluster.members", members), 1))
          .isEqualTo(
              "alone: cluster.members: 127.0.0.1:"
                  + stranger.getLocalPort()
                  + " answers but is not of cluster shop-bus1 (cluster.name and the versions have"
                  + " to fit)");
    }
  }

  @Test
  void onOneMachineItLooksAtThePortsThatNodesTake() throws Exception {
    try (ServerSocket stranger = listen("127.0.0.1")) {
      int first = stranger.getLocalPort() - 1;
      assertThat(says("one-machine", Map.of("cluster.port", "" + first), first))
          .startsWith("alone: one-machine, ports %d to %d: ".formatted(first, first + 9))
          .contains("127.0.0.1:" + stranger.getLocalPort())
          .contains("answers but is not of cluster shop-bus1");
    }
    assertThat(new Places.OneMachine(5701, 5703).find(VERTX).result().others())
        .hasSize(9)
        .extracting(address -> address.port())
        .contains(5701, 5702, 5704, 5710)
        .doesNotContain(5703);
  }

  @Test
  void aServiceThatDoesNotResolve() throws Exception {
    assertThat(says(service(UNKNOWN, "127.0.0.1", 5701)))
        .startsWith("alone: cluster.kubernetes-service " + UNKNOWN + " does not resolve (expected:")
        .contains("publishNotReadyAddresses: true");
  }

  @Test
  void aServiceThatListsOnlyThisNode() throws Exception {
    assertThat(says(service("127.0.0.1", "127.0.0.1", 5701)))
        .startsWith("alone: cluster.kubernetes-service 127.0.0.1 lists this node only (expected:");
  }

  @Test
  void aServiceWhosePodsRefuse() throws Exception {
    int closed = Member.freePort();
    assertThat(says(service("localhost", "127.0.0.9", closed)))
        .startsWith("alone: cluster.kubernetes-service localhost lists ")
        .contains("cluster.host 127.0.0.9 not among them")
        .contains(":" + closed + " refused (is a node up there?)");
  }

  @Test
  void aServiceWhosePodsAreStrangers() throws Exception {
    try (ServerSocket stranger = listen("127.0.0.1")) {
      assertThat(says(service("localhost", "127.0.0.9", stranger.getLocalPort())))
          .contains("127.0.0.1:" + stranger.getLocalPort())
          .contains("answers but is not of cluster shop-bus1");
    }
  }

  @Test
  void anOwnFileIsNotLookedInto() throws Exception {
    assertThat(says("own.yaml", Map.of(), 5701)).isNull();
  }

  private static Places service(String name, String host, int port) {
    return new Places.Service(name, host, port);
  }

  private static @Nullable String says(String by, Map<String, String> settings, int port)
      throws Exception {
    return says(Places.of(ConfigLoader.section(ClusterConfig.class, settings), by, port));
  }

  private static @Nullable String says(Places places) throws Exception {
    LoneNode lone = new LoneNode(places, "shop-bus1", () -> true);
    return Member.get(lone.reason(VERTX, LoneNode.client(VERTX)));
  }

  private static ServerSocket listen(String host) throws IOException {
    return new ServerSocket(0, 50, InetAddress.getByName(host));
  }
}
