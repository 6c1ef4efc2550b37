package io.tidegate.bus;

import io.tidegate.proto.cluster.NodeBeat;
import io.tidegate.proto.cluster.NodeStatus;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** Another node, as this one sees it: whether it is heard, what it hosts, what it was asked. */
final class Peer {
  /** How much a peer may be relied on. */
  enum State {
    /** Known to the cluster, or to another node, not heard of yet. */
    NEW,
    /** Heard of lately. */
    LIVE,
    /** Not heard of for a while and not known to be dead: paused, or cut off. May be serving. */
    SILENT,
    /** Its process has ended: connections to it are refused, or it said goodbye and left. */
    GONE
  }

  /** What is gone is shown for so long. */
  private static final Duration GONE_SHOWN = Duration.ofMinutes(1);

  /**
   * A peer that fell silent and is no member any more may be serving on the other side of a cut; so
   * it counts, for limits and for what may be stale, until it is forgotten. One that is a member is
   * never forgotten.
   */
  private static final Duration FORGOTTEN_AFTER = Duration.ofHours(1);

  /** Who is known for so long and was never heard may be at work all the same. */
  static final Duration NEWCOMER = Duration.ofSeconds(10);

  /** A call under way to it. */
  @FunctionalInterface
  interface Asked {
    /** No answer will come. From any thread. */
    void lost(FailureException why);
  }

  private final String id;
  private final Set<Asked> asked = ConcurrentHashMap.newKeySet();
  private final AtomicInteger underWay = new AtomicInteger();
  private final Heard events = new Heard();
  private final SentAt sentAt = new SentAt();
  private volatile State state = State.NEW;
  private volatile boolean leaving;
  private volatile boolean member;
  private volatile boolean placed;
  private volatile long toldOfAt = System.nanoTime() - Peers.SILENT_AFTER.toNanos(); // not lately
  private volatile @Nullable String failure;
  private volatile boolean refuses;
  private volatile long refusedAt;
  private volatile long heardAt = System.nanoTime();
  private volatile NodeStatus status = NodeStatus.getDefaultInstance();

  Peer(String id) {
    this.id = id;
  }

  String id() {
    return id;
  }

  /** The name that ops gave it, once it has told. */
  String name() {
    String name = status.getName();
    return name.isEmpty() ? id : name;
  }

  State state() {
    return state;
  }

  /** Its events that have arrived. */
  Heard events() {
    return events;
  }

  boolean leaving() {
    return leaving;
  }

  NodeStatus status() {
    return status;
  }

  /** Whether the cluster has it as a member. */
  boolean member() {
    return member;
  }

  void member(boolean is) {
    member = is;
  }

  /** Whether it told itself where it is, and so can be told where others are. */
  boolean placed() {
    return placed;
  }

  /** Another node hears it. */
  void told() {
    toldOfAt = System.nanoTime();
  }

  private boolean heardByOthers() {
    return System.nanoTime() - toldOfAt < Peers.SILENT_AFTER.toNanos();
  }

  /** Whether it may be telling something, for all that is known. */
  boolean mayTell() {
    return switch (state) {
      case LIVE, SILENT -> true;
      case NEW -> (member || heardByOthers()) && isUnheard();
      case GONE -> false;
    };
  }

  /** Whether it should have been heard by now. */
  boolean isUnheard() {
    return state == State.NEW && silentFor() > NEWCOMER.toNanos();
  }

  /** Why nothing gets through to it; null while it does. */
  @Nullable String failure() {
    return failure;
  }

  /**
   * Notes whether something got through.
   *
   * @return whether that is news
   */
  boolean failed(@Nullable String why) {
    boolean news = why != null && !why.equals(failure);
    failure = why;
    refuses &= why != null;
    return news;
  }

  /**
   * Notes that nobody listens there any more.
   *
   * @return what it is by that: gone, unless it has spoken since and so is behind a firewall
   */
  State refused() {
    if (!refuses) {
      refusedAt = System.nanoTime();
      refuses = true;
    }
    boolean speaks =
        heardAt - refusedAt > Peers.BEAT.toNanos() && silentFor() < Peers.SILENT_AFTER.toNanos();
    return speaks ? State.SILENT : State.GONE;
  }

  /** Whether it need not be kept in mind any more. */
  boolean forgotten() {
    if (member || (state != State.GONE && heardByOthers())) {
      return false;
    }
    return switch (state) {
      case LIVE -> false;
      case NEW, GONE -> silentFor() > GONE_SHOWN.toNanos();
      case SILENT -> silentFor() > FORGOTTEN_AFTER.toNanos();
    };
  }

  /** Nanoseconds since its last beat was sent, or since it is known when none has come. */
  long silentFor() {
    return System.nanoTime() - heardAt;
  }

  /** Whether what is sent to it may arrive, for all that is known. */
  boolean mayListen() {
    return !refuses && (state == State.LIVE || state == State.SILENT);
  }

  /** Whether it may be asked anything new. */
  boolean answers() {
    return state == State.LIVE && !leaving;
  }

  /** Whether it missed no more than a few beats. */
  boolean prompt(Duration limit) {
    return silentFor() < limit.toNanos();
  }

  boolean hosts(String role) {
    return status.getRolesList().contains(role);
  }

  boolean able(String role) {
    return status.getAbleList().contains(role);
  }

  /** What it has in force of a shared truth. */
  Stamp stamp(String what) {
    return new Stamp(
        status.getVersionsOrDefault(what, 0), status.getVersionsOrDefault(what + ".hash", 0));
  }

  int underWay() {
    return underWay.get();
  }

  /**
   * A beat has come. One that has waited for long says nothing of now, and who can't be asked is
   * not in, whatever it says.
   *
   * @return whether it is in, and was not before
   */
  boolean heard(NodeBeat beat) {
    long now = System.nanoTime();
    heardAt = beat.hasSentNanos() ? sentAt.of(now, beat.getSentNanos()) : now;
    leaving = beat.getLeaving();
    placed |= beat.hasPlace();
    if (beat.hasStatus()) {
      status = beat.getStatus();
    }
    if (state == State.LIVE || refuses || now - heardAt > Peers.SILENT_AFTER.toNanos()) {
      return false;
    }
    state = State.LIVE;
    return true;
  }

  /**
   * It is no longer relied on; everything it was asked fails now.
   *
   * @return whether that is news
   */
  boolean lost(State becomes) {
    State before = state;
    state = becomes;
    asked.forEach(call -> call.lost(lost()));
    return before != becomes;
  }

  void begin(Asked call) {
    underWay.incrementAndGet();
    asked.add(call);
    if (state != State.LIVE) {
      // It was lost between the choice and now: nobody else will tell this call.
      call.lost(lost());
    }
  }

  void end(Asked call) {
    if (asked.remove(call)) {
      underWay.decrementAndGet();
    }
  }

  private FailureException lost() {
    return Failure.ROLE_UNAVAILABLE.because("node " + name() + " was lost before it answered");
  }
}
