package io.tidegate.bus;

import com.google.protobuf.Message;
import io.tidegate.proto.cluster.NodeBeat;
import io.tidegate.proto.cluster.NodeStatus;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.DeliveryOptions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The other nodes, by their beats: who is there, what each hosts, whether it may be asked. Beats go
 * from node to node over the connections that calls use, so what they say holds for calls: a
 * process that ended refuses the next connection and is out at once; one that is paused or cut off
 * is out when it has been silent for {@link #SILENT_AFTER}. A node that is heard again is in again.
 *
 * <p>Membership only brings newcomers; nothing here waits for the cluster to agree on anything. Nor
 * does a newcomer have to be a member everywhere: nodes tell each other whom they hear, so that one
 * that joined while the members were divided gets to know all of them.
 */
public final class Peers extends VerticleBase {
  private static final Logger log = LoggerFactory.getLogger(Peers.class);

  static final Duration BEAT = Duration.ofMillis(100);

  /** A peer that missed so many beats is asked only when no other can be. */
  static final Duration PROMPT = Duration.ofMillis(500);

  /** Calls to a peer that is silent for so long fail over, and no more are made. */
  static final Duration SILENT_AFTER = Duration.ofSeconds(3);

  private static final int STATUS_EVERY = 10;

  private final String self;
  private final @Nullable Introductions introductions; // null: alone
  private final Map<String, Peer> peers = new ConcurrentHashMap<>();
  private volatile Supplier<NodeStatus> status = NodeStatus::getDefaultInstance;
  private final AtomicLong events = new AtomicLong();
  private final Doubt doubt = new Doubt();
  private final Contact contact = new Contact(doubt);
  private volatile boolean leaving;
  private int beats;
  private final Wake wake = new Wake();
  private volatile NodeStatus told = NodeStatus.getDefaultInstance();
  private volatile Consumer<String> forgotten = name -> {};
  private @Nullable Vertx bus;

  private Peers(String self, @Nullable Introductions introductions) {
    this.self = self;
    this.introductions = introductions;
  }

  /** Those of a node that has no cluster: none. */
  public static Peers alone() {
    return new Peers("self", null);
  }

  /**
   * Those of a node in a cluster.
   *
   * @param self this node's id in the cluster
   */
  public static Peers of(String self, AddressBook book) {
    return new Peers(self, new Introductions(self, book));
  }

  /** What this node tells the others of itself; asked ten times a second, must not block. */
  public void tell(Supplier<NodeStatus> ownStatus) {
    status = ownStatus;
  }

  /** Who hears the names of nodes that need not be kept in mind any more; must not block. */
  public void onForgotten(Consumer<String> names) {
    forgotten = names;
  }

  @Override
  public Future<?> start() {
    bus = vertx;
    if (isAlone()) {
      return Future.succeededFuture();
    }
    vertx.setPeriodic(1, BEAT.toMillis(), timer -> beat());
    return vertx
        .eventBus()
        .<NodeBeat>consumer(at(BusMap.NODE_BEAT, self), message -> heard(message.body()))
        .completion();
  }

  /** Says goodbye: no peer asks this node anything new from now on. */
  public Future<?> leave() {
    leaving = true;
    Vertx vertx = bus;
    if (vertx == null || isAlone()) {
      return Future.succeededFuture();
    }
    List<Future<Void>> told =
        peers.values().stream()
            .filter(peer -> peer.state() == Peer.State.LIVE)
            .map(peer -> send(vertx, peer.id(), BusMap.NODE_BEAT, ownBeat().build()))
            .toList();
    return Future.join(told).otherwiseEmpty();
  }

  /** The cluster has a member. */
  public void joined(String id) {
    if (!id.equals(self)) {
      peers.computeIfAbsent(id, Peer::new).member(true);
    }
  }

  /** The cluster has a member less. One that said goodbye is gone; of another, its beats tell. */
  public void left(String id) {
    Peer peer = peers.get(id);
    if (peer != null) {
      peer.member(false);
      if (peer.leaving()) {
        contact.lost(peer, Peer.State.GONE, "it left");
      } else if (peer.isUnheard()) {
        contact.lost(peer, Peer.State.SILENT, "it left the cluster and was never heard");
      }
    }
  }

  private void beat() {
    NodeStatus own = status.get();
    boolean withStatus =
        beats++ % STATUS_EVERY == 0
            || !own.getAbleList().equals(told.getAbleList())
            || own.getReady() != told.getReady()
            || !own.getVersionsMap().equals(told.getVersionsMap());
    told = own;
    doubt.look(peers.values());
    forget(Peer::forgotten);
    boolean onTime = wake.looks();
    for (Peer peer : peers.values()) {
      if (onTime && peer.state() == Peer.State.LIVE && peer.silentFor() > SILENT_AFTER.toNanos()) {
        contact.lost(peer, Peer.State.SILENT, "it is silent");
      }
      // Who refuses is tried now and then only: it may be the network's doing. What is new speaks
      // first, once it can listen.
      if (withStatus || peer.mayListen()) {
        boolean whole = withStatus || peer.state() != Peer.State.LIVE;
        contact.beat(vertx, peer, whole ? wholeBeat(own) : ownBeat());
      }
    }
  }

  void forget(Predicate<Peer> which) {
    for (Peer peer : peers.values().stream().filter(which).toList()) {
      peers.remove(peer.id());
      String name = peer.name();
      if (count(other -> other.name().equals(name)) == 0) {
        forgotten.accept(name);
      }
    }
  }

  private NodeBeat.Builder ownBeat() {
    return NodeBeat.newBuilder()
        .setNodeId(self)
        .setLeaving(leaving)
        .setTold(events.get())
        .setSentNanos(System.nanoTime());
  }

  private NodeBeat.Builder wholeBeat(NodeStatus own) {
    NodeBeat.Builder beat = ownBeat().setStatus(own);
    if (introductions != null) {
      introductions.write(beat, peers.values());
    }
    return beat;
  }

  /** Another node hears this one. What has gone is not brought back: it is still known. */
  private void introduced(String id) {
    if (id.equals(self)) {
      return;
    }
    Peer known = peers.get(id);
    Peer peer = known == null ? peers.computeIfAbsent(id, Peer::new) : known;
    peer.told();
    if (known == null && bus != null) {
      contact.beat(bus, peer, wholeBeat(status.get()));
    }
  }

  /** What keeps this node from members of the cluster, in words; null when nothing does. */
  public @Nullable String trouble() {
    for (Peer peer : peers.values()) {
      String failure = peer.failure();
      if (failure != null && peer.member() && peer.state() != Peer.State.LIVE) {
        return "nothing gets through to " + peer.name() + ": " + failure;
      }
    }
    return null;
  }

  void heard(NodeBeat beat) {
    if (introductions != null) {
      introductions.read(beat);
      // To an address that answers again nothing is refused.
      introductions
          .replaced(beat, peers.values())
          .forEach(old -> contact.lost(old, Peer.State.GONE, "another process has its address"));
    }
    Peer peer = peers.computeIfAbsent(beat.getNodeId(), Peer::new);
    boolean unknown = peer.status().getRolesCount() == 0;
    boolean news = peer.heard(beat);
    if (peer.events().lost(beat.getTold())) {
      doubt.eventLost();
    }
    doubt.look(peers.values());
    if (news) {
      log.atInfo()
          .addKeyValue("peer", peer.name())
          .addKeyValue("roles", peer.status().getRolesList())
          .log("a node is in");
    }
    if (unknown && bus != null) {
      // So that a newcomer need not wait a second to know what this node hosts.
      contact.beat(bus, peer, wholeBeat(status.get()));
    }
    if (peer.prompt(SILENT_AFTER)) {
      beat.getAcquaintancesList().forEach(place -> introduced(place.getNodeId()));
    }
  }

  static Future<Void> send(Vertx from, String peer, Channel channel, Message message) {
    return from.eventBus()
        .sender(at(channel, peer), new DeliveryOptions().setCodecName(ProtoCodec.nameOf(message)))
        .write(message);
  }

  /** Where one node serves a channel. */
  static String at(Channel channel, String node) {
    return channel.address() + '@' + node;
  }

  String self() {
    return self;
  }

  boolean isAlone() {
    return introductions == null;
  }

  @Nullable Peer peer(String id) {
    return peers.get(id);
  }

  /** The number of the event that this node tells now. */
  long tellsNext() {
    return events.incrementAndGet();
  }

  void arrived(String from, long number) {
    peers.computeIfAbsent(from, Peer::new).events().arrived(number);
  }

  Doubt doubt() {
    return doubt;
  }

  /** Whether there is a node that has not told yet what it has. */
  boolean awaitsWord() {
    return count(
            peer ->
                peer.state() == Peer.State.NEW
                    || (peer.state() == Peer.State.LIVE && peer.status().getRolesCount() == 0))
        > 0;
  }

  Collection<Peer> all() {
    return peers.values();
  }

  /** Nodes heard of lately, this one included; at least 1. */
  public int live() {
    return 1 + count(peer -> peer.state() == Peer.State.LIVE);
  }

  /** Nodes heard of lately that host a role, this one included when it does. */
  public int live(String role) {
    // What was told last: asking now would ask whoever asks here, for its readiness.
    return (told.getRolesList().contains(role) ? 1 : 0)
        + count(peer -> peer.state() == Peer.State.LIVE && peer.hosts(role));
  }

  /** Nodes that fell silent and may yet be serving: paused ones, or ones that are cut off. */
  public int silent() {
    return count(peer -> peer.state() == Peer.State.SILENT);
  }

  private int count(Predicate<Peer> which) {
    int count = 0;
    for (Peer peer : peers.values()) {
      if (which.test(peer)) {
        count++;
      }
    }
    return count;
  }

  /** All nodes, this one first. */
  public List<NodeView> view() {
    List<NodeView> view = new ArrayList<>();
    view.add(new NodeView(self, leaving ? "leaving" : "self", 0, 0, status.get()));
    peers.values().forEach(peer -> view.add(NodeView.of(peer)));
    return view;
  }

  /** Whether another node says that it reaches what a role depends on. */
  public boolean able(String role) {
    return count(peer -> peer.answers() && peer.hosts(role) && peer.able(role)) > 0;
  }

  /**
   * Whether another node may be reaching what a role depends on, for all this one knows: unless it
   * says that it does not, or is known to be dead.
   */
  public boolean mayBeAble(String role) {
    return count(
            peer ->
                switch (peer.state()) {
                  case NEW, SILENT -> true;
                  case LIVE ->
                      peer.status().getRolesCount() == 0
                          || (peer.hosts(role) && (peer.able(role) || !peer.prompt(PROMPT)));
                  case GONE -> false;
                })
        > 0;
  }
}
