package io.tidegate.cluster;

import com.hazelcast.cluster.Member;
import com.hazelcast.cluster.MembershipEvent;
import com.hazelcast.cluster.MembershipListener;
import com.hazelcast.config.Config;
import com.hazelcast.core.Hazelcast;
import com.hazelcast.core.HazelcastInstance;
import io.tidegate.bus.AddressBook;
import io.tidegate.bus.Peers;
import io.tidegate.proto.cluster.NodePlace;
import io.vertx.core.Completable;
import io.vertx.core.Vertx;
import io.vertx.core.shareddata.AsyncMap;
import io.vertx.core.shareddata.Counter;
import io.vertx.core.shareddata.Lock;
import io.vertx.core.spi.cluster.ClusterManager;
import io.vertx.core.spi.cluster.NodeInfo;
import io.vertx.core.spi.cluster.NodeListener;
import io.vertx.core.spi.cluster.RegistrationInfo;
import io.vertx.core.spi.cluster.RegistrationListener;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The cluster that Vert.x sees: who is a member, from Hazelcast, and where each member's event bus
 * listens, from the attributes it joined with.
 *
 * <p>There are no subscriptions to share and so none to lose: {@link io.tidegate.bus.Bus} sends to
 * one node at a time, by an address that ends in {@code @node}. Hazelcast holds no data, so nothing
 * is moved when members come and go, and a split heals by itself (docs/adr/0009).
 */
public final class Membership implements ClusterManager, MembershipListener, AddressBook {
  private static final Logger log = LoggerFactory.getLogger(Membership.class);
  private static final Duration LEAVE_LIMIT = Duration.ofMillis(400);
  private static final String ID = "tidegate.id";
  private static final String BUS = "tidegate.bus";

  private final HazelcastInstance hazelcast;
  private final String id;
  private final Peers peers;
  private final LoneNode lone;

  /**
   * Where members' buses are, and those of nodes that others told of. Members that were lost are
   * kept, since a paused one may speak first when it comes back; a restarted node has a new id.
   */
  private final Map<String, NodeInfo> buses = new ConcurrentHashMap<>();

  private volatile boolean active;
  private @Nullable UUID listener;
  private @Nullable NodeInfo own;

  private Membership(HazelcastInstance hazelcast, String id, ClusterConfig cluster, String by) {
    this.hazelcast = hazelcast;
    this.id = id;
    this.peers = Peers.of(id, this);
    int port = hazelcast.getCluster().getLocalMember().getAddress().getPort();
    this.lone =
        new LoneNode(
            Places.of(cluster, by, port),
            HazelcastSettings.name(cluster),
            () -> size() == 1 && peers.live() == 1);
  }

  /**
   * Joins the cluster, or makes it when nobody is there. Blocks for a second or two.
   *
   * @param by {@link ClusterConfig#joinBy}
   * @param node this node's name
   * @param busPort where its event bus will listen
   * @throws IOException when the cluster's configuration can't be read
   * @throws RuntimeException when the port is taken or the configuration is no good; its message
   *     says which
   */
  public static Membership join(ClusterConfig cluster, String by, String node, int busPort)
      throws IOException {
    // Hazelcast speaks before it has read its configuration.
    System.setProperty("hazelcast.logging.type", "slf4j");
    String id = node + '-' + UUID.randomUUID().toString().substring(0, 8);
    Config config = HazelcastSettings.of(cluster, by);
    config.setInstanceName(id);
    config.getMemberAttributeConfig().setAttribute(ID, id);
    config.getMemberAttributeConfig().setAttribute(BUS, cluster.host() + ' ' + busPort);
    return new Membership(Hazelcast.newHazelcastInstance(config), id, cluster, by);
  }

  /** The other nodes; to be deployed on the Vert.x that this cluster is given to. */
  public Peers peers() {
    return peers;
  }

  /** Members of the cluster, this one included. */
  public int size() {
    return hazelcast.getCluster().getMembers().size();
  }

  /** Why this node has no company although there should be other nodes; null while it has. */
  public @Nullable String whyAlone() {
    return lone.why();
  }

  @Override
  public void init(Vertx vertx) {
    lone.watch(vertx);
  }

  @Override
  public void join(Completable<Void> promise) {
    active = true;
    listener = hazelcast.getCluster().addMembershipListener(this);
    hazelcast.getCluster().getMembers().forEach(this::known);
    promise.succeed();
  }

  @Override
  public void leave(Completable<Void> promise) {
    active = false;
    if (listener != null) {
      hazelcast.getCluster().removeMembershipListener(listener);
    }
    // The others know already, by the last beat; it need not hold up the process's end.
    var unused =
        CompletableFuture.runAsync(hazelcast::shutdown, task -> Thread.ofPlatform().start(task))
            .orTimeout(LEAVE_LIMIT.toMillis(), TimeUnit.MILLISECONDS)
            .whenComplete(
                (left, failure) -> {
                  if (failure != null) {
                    log.atInfo()
                        .addKeyValue("reason", String.valueOf(failure))
                        .log("left the cluster without waiting for its consent");
                  }
                  promise.succeed();
                });
  }

  @Override
  public void memberAdded(MembershipEvent event) {
    known(event.getMember());
  }

  @Override
  public void memberRemoved(MembershipEvent event) {
    String member = event.getMember().getAttribute(ID);
    if (member != null) {
      peers.left(member);
    }
  }

  private void known(Member member) {
    String node = member.getAttribute(ID);
    String bus = member.getAttribute(BUS);
    if (node == null || bus == null) {
      return;
    }
    int space = bus.indexOf(' ');
    buses.put(
        node,
        new NodeInfo(bus.substring(0, space), Integer.parseInt(bus.substring(space + 1)), null));
    peers.joined(node);
  }

  @Override
  public @Nullable NodePlace find(String node) {
    NodeInfo bus = buses.get(node);
    return bus == null
        ? null
        : NodePlace.newBuilder().setNodeId(node).setHost(bus.host()).setPort(bus.port()).build();
  }

  @Override
  public void learn(NodePlace place) {
    if (place.getNodeId().isEmpty()
        || place.getHost().isEmpty()
        || place.getPort() < 1
        || place.getPort() > 65_535) {
      return; // no node of ours says that
    }
    buses.putIfAbsent(place.getNodeId(), new NodeInfo(place.getHost(), place.getPort(), null));
  }

  @Override
  public String getNodeId() {
    return id;
  }

  @Override
  public List<String> getNodes() {
    return List.copyOf(buses.keySet());
  }

  @Override
  public void setNodeInfo(NodeInfo nodeInfo, Completable<Void> promise) {
    own = nodeInfo;
    promise.succeed();
  }

  @Override
  public @Nullable NodeInfo getNodeInfo() {
    return own;
  }

  @Override
  public void getNodeInfo(String node, Completable<NodeInfo> promise) {
    NodeInfo bus = buses.get(node);
    if (bus == null) {
      promise.fail("node: " + node + " (expected: a member of the cluster)");
    } else {
      promise.succeed(bus);
    }
  }

  @Override
  public boolean isActive() {
    return active;
  }

  @Override
  public void addRegistration(
      String address, RegistrationInfo registration, Completable<Void> promise) {
    promise.succeed();
  }

  @Override
  public void removeRegistration(
      String address, RegistrationInfo registration, Completable<Void> promise) {
    promise.succeed();
  }

  @Override
  public void getRegistrations(String address, Completable<List<RegistrationInfo>> promise) {
    int at = address.lastIndexOf('@');
    promise.succeed(
        at < 0 ? List.of() : List.of(new RegistrationInfo(address.substring(at + 1), 0, false)));
  }

  @Override
  public void registrationListener(RegistrationListener registrations) {}

  @Override
  public void nodeListener(NodeListener nodes) {}

  @Override
  public <K, V> void getAsyncMap(String name, Completable<AsyncMap<K, V>> promise) {
    promise.fail(noData());
  }

  @Override
  public <K, V> Map<K, V> getSyncMap(String name) {
    throw noData();
  }

  @Override
  public void getLockWithTimeout(String name, long timeout, Completable<Lock> promise) {
    promise.fail(noData());
  }

  @Override
  public void getCounter(String name, Completable<Counter> promise) {
    promise.fail(noData());
  }

  private static UnsupportedOperationException noData() {
    return new UnsupportedOperationException(
        "the cluster keeps no data: truth is in Kafka, Postgres and Redis");
  }
}
