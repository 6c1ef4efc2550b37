package io.tidegate.bus;

import com.google.protobuf.ByteString;
import io.tidegate.bus.Channel.Call;
import io.tidegate.bus.Channel.Event;
import io.tidegate.proto.cluster.Snapshot;
import io.tidegate.proto.cluster.SnapshotRequest;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One document that all nodes agree on, such as the route table: this node's copy of it. Every node
 * has one, whatever it hosts; nodes with the role offer what their file says. Of all that was ever
 * offered the latest is in force everywhere ({@link Stamp}): docs/adr/0010-shared-truth.md.
 *
 * <p>News of a change goes to all nodes at once and may be lost. Beats tell what each node has in
 * force, so one that is behind notices within about a second, and asks a node that is not.
 *
 * <p>Safe from any thread.
 */
public final class SharedTruth {
  private static final Logger log = LoggerFactory.getLogger(SharedTruth.class);

  static final Duration CHECK_EVERY = Duration.ofMillis(500);

  /** The start does not wait longer for the word of nodes that do not answer. */
  private static final Duration AWAIT_WORD = Duration.ofSeconds(1);

  private static final long LOOK_AGAIN_MS = 20;

  /** Puts documents to use. */
  @FunctionalInterface
  public interface Taker {
    /**
     * On a worker thread, one at a time, each later than the one before. What it throws refuses the
     * document: the one before stays in force here.
     */
    void take(Snapshot snapshot) throws Exception;
  }

  private final Bus bus;
  private final Vertx vertx;
  private final String what;
  private final String node;
  private final Call<SnapshotRequest, Snapshot> asked;
  private final Event<Snapshot> told;
  private final List<Bus.Registration> registrations = new ArrayList<>();
  private Taker taker = snapshot -> {};
  private @Nullable Stamp own; // of what this node's file says; guarded by this
  private Stamp warned = Stamp.NONE; // guarded by this
  private volatile Snapshot inForce = Snapshot.getDefaultInstance();
  private volatile Stamp stamp = Stamp.NONE;
  private volatile Stamp refused = Stamp.NONE;
  private volatile @Nullable String refusal;
  private volatile @Nullable String difference;
  private volatile boolean asking;
  private long checks = -1;

  private SharedTruth(
      Bus bus,
      Vertx vertx,
      String what,
      String node,
      Call<SnapshotRequest, Snapshot> asked,
      Event<Snapshot> told) {
    this.bus = bus;
    this.vertx = vertx;
    this.what = what;
    this.node = node;
    this.asked = asked;
    this.told = told;
  }

  /**
   * The route table.
   *
   * @param node this node's name, for the others' logs
   */
  public static SharedTruth routes(Bus bus, Vertx vertx, String node) {
    return new SharedTruth(
        bus, vertx, "routes", node, BusMap.ROUTING_SNAPSHOT, BusMap.ROUTING_CHANGED);
  }

  /**
   * The policies of rate limiting.
   *
   * @param node this node's name, for the others' logs
   */
  public static SharedTruth limits(Bus bus, Vertx vertx, String node) {
    return new SharedTruth(
        bus, vertx, "limits", node, BusMap.RATELIMIT_SNAPSHOT, BusMap.RATELIMIT_CHANGED);
  }

  /** {@code routes} or {@code limits}. */
  public String what() {
    return what;
  }

  /**
   * Listens, and takes what other nodes have in force. Done when they were asked, within a second
   * or so; to be waited for before anything is offered, so that an old file is not in force even
   * for a moment.
   */
  public Future<Void> start() {
    return keep(bus.serveByName(asked, (request, trace) -> Future.succeededFuture(inForce)))
        .compose(serving -> keep(bus.subscribe(told, this::hear)))
        .compose(listening -> wordOfOthers())
        .compose(heard -> catchUp())
        .onSuccess(
            caughtUp ->
                checks = vertx.setPeriodic(CHECK_EVERY.toMillis(), timer -> unused(catchUp())));
  }

  /** Stops listening. */
  public Future<Void> close() {
    vertx.cancelTimer(checks);
    return Future.join(registrations.stream().map(Bus.Registration::remove).toList()).mapEmpty();
  }

  private Future<Void> keep(Future<Bus.Registration> registration) {
    return registration.onSuccess(registrations::add).mapEmpty();
  }

  private Future<Void> wordOfOthers() {
    Promise<Void> heard = Promise.promise();
    look(heard, System.nanoTime() + AWAIT_WORD.toNanos());
    return heard.future();
  }

  private void look(Promise<Void> heard, long until) {
    if (!bus.peers().awaitsWord() || System.nanoTime() - until > 0) {
      heard.complete();
    } else {
      vertx.setTimer(LOOK_AGAIN_MS, timer -> look(heard, until));
    }
  }

  /** The node that tells of the latest state; null when none is after this. */
  private @Nullable String ahead(Stamp known) {
    Stamp latest = known;
    String id = null;
    for (Peer peer : bus.peers().all()) {
      Stamp its = peer.stamp(what);
      if (peer.state() == Peer.State.LIVE && its.after(latest)) {
        latest = its;
        id = peer.id();
      }
    }
    return id;
  }

  /** Asks the node that is furthest ahead, if there is one. Does not fail: beats go on. */
  private Future<Void> catchUp() {
    String ahead = asking ? null : ahead(refused.after(stamp) ? refused : stamp);
    if (ahead == null) {
      return Future.succeededFuture();
    }
    asking = true;
    return bus.ask(ahead, asked, SnapshotRequest.getDefaultInstance())
        .compose(this::take)
        .otherwiseEmpty()
        .onComplete(taken -> asking = false);
  }

  private void hear(Snapshot snapshot) {
    unused(take(snapshot));
  }

  private Future<Void> take(Snapshot snapshot) {
    return Stamp.of(snapshot).after(stamp)
        ? vertx.executeBlocking(() -> takeNow(snapshot))
        : Future.succeededFuture();
  }

  private synchronized @Nullable Void takeNow(Snapshot snapshot) {
    Stamp its = Stamp.of(snapshot);
    if (!its.after(stamp) || its.equals(refused)) {
      return null;
    }
    try {
      put(snapshot, its);
    } catch (Exception e) {
      refused = its;
      refusal =
          "a newer %s.yaml from node %s can't be put in force here: %s"
              .formatted(what, snapshot.getSource(), e.getMessage());
      log.atError().setCause(e).addKeyValue("revision", its.revision()).log(refusal);
    }
    compare();
    return null;
  }

  private void put(Snapshot snapshot, Stamp its) throws Exception {
    if (its.hash() != stamp.hash()) {
      taker.take(snapshot);
    }
    inForce = snapshot;
    stamp = its;
    refusal = null;
  }

  /**
   * Offers what this node's file says: at the start, and again whenever the file is another. The
   * first offer is as old as the file. A later one is new, unless it says the same as what is in
   * force.
   *
   * @param content checked; the same for the same meaning
   * @param modifiedMillis the file's time
   * @return fails with what the taker throws
   */
  public Future<Void> offer(ByteString content, long modifiedMillis) {
    return vertx
        .executeBlocking(() -> offerNow(content, modifiedMillis))
        .onSuccess(
            put -> {
              if (put) {
                bus.publish(told, inForce);
              }
            })
        .mapEmpty();
  }

  private synchronized boolean offerNow(ByteString content, long modifiedMillis) throws Exception {
    long now = System.currentTimeMillis();
    long hash = Stamp.hash(content);
    long revision = Math.min(modifiedMillis, now);
    if (own != null && (own.hash() != hash || revision > stamp.revision())) {
      revision = Math.max(now, stamp.revision() + 1);
    }
    Stamp its = new Stamp(Math.max(1, revision), hash);
    boolean puts = hash != stamp.hash() && its.after(stamp);
    if (puts) {
      Snapshot snapshot =
          Snapshot.newBuilder()
              .setRevision(its.revision())
              .setContent(content)
              .setSource(node)
              .build();
      put(snapshot, its);
    }
    own = its;
    compare();
    return puts;
  }

  /** Notes, and logs once for each state in force, that this node's file says something else. */
  private void compare() {
    if (own == null || own.hash() == stamp.hash()) {
      difference = null;
      return;
    }
    boolean tie = own.revision() == stamp.revision();
    String says =
        "this node's %s.yaml is %s the one in force, from node %s"
            .formatted(
                what,
                tie ? "of the same time as, and says something else than," : "older than",
                inForce.getSource());
    difference = says;
    if (!stamp.equals(warned)) {
      warned = stamp;
      log.atWarn().addKeyValue("revision", stamp.revision()).log(says);
    }
  }

  /**
   * Hands every document to a taker, first the one in force if there is one; one taker at most. To
   * be called off event loops when a document may be in force already.
   */
  public synchronized void handTo(Taker newTaker) throws Exception {
    taker = newTaker;
    if (stamp.revision() > 0) {
      newTaker.take(inForce);
    }
  }

  /** The revision in force, milliseconds since 1970; 0 before the first. */
  public long revision() {
    return stamp.revision();
  }

  /** A number for the content in force, below 2^48; equal on all nodes that agree. */
  public long hash() {
    return stamp.hash();
  }

  /** What is not as it should be with this node's copy; null when all is well. */
  public @Nullable String degraded() {
    String why = refusal;
    return why == null ? difference : why;
  }

  private static void unused(Future<Void> neverFails) {
    neverFails.onFailure(
        cause -> log.atError().setCause(cause).log("a shared document was not taken"));
  }
}
