package io.tidegate.node;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Message;
import com.google.protobuf.UnknownFieldSet;
import io.tidegate.bus.Bus;
import io.tidegate.bus.BusMap;
import io.tidegate.bus.CallObserver;
import io.tidegate.bus.Trace;
import io.tidegate.cluster.BusOptions;
import io.tidegate.cluster.ClusterConfig;
import io.tidegate.cluster.Membership;
import io.tidegate.devstack.Await;
import io.tidegate.devstack.TestServers;
import io.tidegate.platform.ConfigLoader;
import io.tidegate.proto.cluster.NodeStatus;
import io.tidegate.proto.profile.FindReply;
import io.tidegate.proto.profile.FindRequest;
import io.tidegate.proto.profile.ProfilesChanged;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Layouts of a cluster of node processes: what each serves, and what is missed when one is gone.
 */
class ClusterIT {
  private static final Duration LIMIT = Duration.ofSeconds(60);

  private final String database = TestServers.newDatabase();
  private final String cluster = "it-" + System.nanoTime();
  private final List<RunningNode> nodes = new ArrayList<>();
  private List<Integer> ports = List.of();

  @AfterEach
  void stop() {
    nodes.parallelStream().forEach(RunningNode::close);
  }

  @Test
  void edgesApartFromWorkers() {
    start("edge", "ingestion,projection,routing,ratelimit,profile");
    RunningNode edge = nodes.get(0);
    RunningNode worker = nodes.get(1);
    servesAnEvent(edge, "ann");

    worker.killHard();
    long begin = System.nanoTime();
    Await.until(
        "the worker is known to be gone",
        Duration.ofSeconds(5),
        () -> states(edge).containsValue("gone"));
    assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(4));
    HttpResponse<String> refused = track(edge, "ann", "while-gone");
    assertThat(refused.statusCode()).isEqualTo(503);
    assertThat(refused.headers().firstValue("Retry-After")).isPresent();
    assertThat(refused.body()).contains("no node serves");

    worker.startAgain();
    Await.until("events are taken again", LIMIT, () -> track(edge, "ann", "x").statusCode() == 200);
  }

  @Test
  void oneRoleEach() {
    start("edge", "ingestion", "projection", "routing", "ratelimit", "profile");
    RunningNode edge = nodes.get(0);
    servesAnEvent(edge, "bob");
    assertThat(edge.get("/demo/hello", edge.token("bob", "customer")).headers().map())
        .as("the route is known, though its upstream is not there")
        .containsKey("x-request-id");
    assertThat(states(edge)).hasSize(6).containsValues("live");
    assertThat(edge.management("/metrics").body())
        .contains("tidegate_cluster_nodes{state=\"live\"} 6.0");
  }

  /** Messages of a newer version carry fields that older nodes don't know. */
  @Test
  void sharesAClusterWithANewerNode() throws Exception {
    start("profile,projection,ingestion,ratelimit,routing", "(newer)");
    RunningNode older = nodes.get(0);
    ClusterConfig config =
        ConfigLoader.section(
            ClusterConfig.class,
            Map.of(
                "cluster.name", cluster,
                "cluster.port", ports.get(1).toString(),
                "cluster.members", members()));
    int busPort = RunningNode.freePort();
    Membership membership = Membership.join(config, "members", "newer", busPort);
    Vertx vertx =
        Vertx.builder()
            .with(new VertxOptions().setEventBusOptions(BusOptions.of(config, busPort)))
            .withClusterManager(membership)
            .buildClustered()
            .toCompletionStage()
            .toCompletableFuture()
            .get(20, TimeUnit.SECONDS);
    try {
      Bus bus = new Bus(vertx, membership.peers(), CallObserver.NONE);
      membership
          .peers()
          .tell(
              () -> newer(NodeStatus.newBuilder().setName("newer").addRoles("membership").build()));
      vertx.deployVerticle(membership.peers());
      Await.until("each hears the other", LIMIT, () -> membership.peers().able("profile"));
      FindReply reply =
          bus.call(
                  BusMap.PROFILE_FIND,
                  newer(FindRequest.newBuilder().addIds("nobody").build()),
                  Trace.NONE)
              .toCompletionStage()
              .toCompletableFuture()
              .get(10, TimeUnit.SECONDS);
      assertThat(reply.getProfilesCount()).isEqualTo(1);
      bus.publish(BusMap.PROFILE_CHANGED, newer(ProfilesChanged.getDefaultInstance()));
      Await.until(
          "the older one shows the newer one",
          LIMIT,
          () -> "live".equals(states(older).get("newer")));
      assertThat(older.log()).doesNotContain("\"level\":\"ERROR\"");
    } finally {
      vertx.close().toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
    }
  }

  @SuppressWarnings("unchecked") // a message's builder builds its own type
  private static <M extends Message> M newer(M message) {
    UnknownFieldSet more =
        UnknownFieldSet.newBuilder()
            .addField(9_999, UnknownFieldSet.Field.newBuilder().addVarint(7).build())
            .build();
    return (M) message.toBuilder().setUnknownFields(more).build();
  }

  private void servesAnEvent(RunningNode edge, String customer) {
    assertThat(track(edge, customer, "Order Completed").statusCode()).isEqualTo(200);
    Await.until(
        "the profile shows it",
        LIMIT,
        () ->
            edge.get("/v1/customers/" + customer + "/profile", edge.token(customer, "customer"))
                .body()
                .contains("Order Completed"));
  }

  private static HttpResponse<String> track(RunningNode edge, String customer, String event) {
    return edge.post(
        "/v1/track", new JsonObject().put("userId", customer).put("event", event).encode());
  }

  /** Every node's state by its name, as this one sees it. */
  private static Map<String, String> states(RunningNode node) {
    Map<String, String> states = new HashMap<>();
    new JsonObject(node.management("/cluster").body())
        .getJsonArray("nodes")
        .forEach(
            each -> {
              JsonObject one = (JsonObject) each;
              states.put(one.getString("name"), one.getString("state"));
            });
    return states;
  }

  /** Starts a node for each set of roles, save those in brackets, and waits until all are ready. */
  private void start(String... roles) {
    ports = IntStream.range(0, roles.length).mapToObj(i -> RunningNode.freePort()).toList();
    for (int i = 0; i < roles.length; i++) {
      if (roles[i].startsWith("(")) {
        continue;
      }
      nodes.add(
          RunningNode.startUnready(
              database,
              TestServers.redis().uri(),
              TestServers.kafka().bootstrapServers(),
              Map.of(
                  "TIDEGATE_NODE_NAME",
                  "n" + i,
                  "TIDEGATE_NODE_ROLES",
                  roles[i],
                  "TIDEGATE_CLUSTER_NAME",
                  cluster,
                  "TIDEGATE_CLUSTER_PORT",
                  ports.get(i).toString(),
                  "TIDEGATE_CLUSTER_MEMBERS",
                  members())));
      if (i == 0) {
        // It makes the cluster; nodes that start at once have to agree on who is first.
        Await.until("n0 is live", LIMIT, () -> nodes.getFirst().live());
      }
    }
    for (RunningNode node : nodes) {
      Await.until("ready; see " + node.directory(), LIMIT, node::ready);
    }
  }

  private String members() {
    return String.join(",", ports.stream().map(port -> "127.0.0.1:" + port).toList());
  }
}
