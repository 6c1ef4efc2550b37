package io.tidegate.ratelimit;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.tidegate.bus.Peers;
import io.tidegate.bus.SharedTruth;
import io.tidegate.proto.ratelimit.Lease;
import io.tidegate.proto.ratelimit.LeaseReply;
import io.tidegate.proto.ratelimit.LeaseRequest;
import io.tidegate.proto.ratelimit.Want;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What all sides of rate limiting on one node share: the policies in force, and the node's own
 * share of them for when the ledger in Redis is out of reach. One a node, safe from any thread.
 */
public final class RateLimits {
  private static final Logger log = LoggerFactory.getLogger(RateLimits.class);

  /**
   * Nodes that fell silent count for so long: when the cluster falls apart, nobody may take a
   * larger share.
   */
  private static final long REMEMBER_PEERS_NANOS = TimeUnit.MINUTES.toNanos(1);

  static final Lease WITHHELD =
      Lease.newBuilder().setRetryAfterMs(500).setResetMs(1_000).setDegraded(true).build();

  private final int maxSubjects;
  private final Neighbours neighbours;
  private final LongSupplier nanoClock;
  private final MemoryLedger own;
  private final Outage redis =
      new Outage("redis", "this node does not reach the ledger; others are asked for leases");
  private final Outage farSide =
      new Outage(
          "ratelimit role",
          "no lease is to be had; this node grants its share of each limit, or nothing beyond its"
              + " leases while others may be granting");
  private final Counter shared;
  private final Counter withheld;
  private final List<RateLimiter> nearSides = new CopyOnWriteArrayList<>();
  private volatile LimitsInForce inForce;
  private volatile boolean grants;
  private int mostNodes = 1;
  private long mostNodesAt;

  /**
   * @param config free of problems ({@link LimitsConfig#check})
   */
  public RateLimits(LimitsConfig config, Peers peers, MeterRegistry meters) {
    this(config, Neighbours.of(peers), System::nanoTime, meters);
  }

  RateLimits(
      LimitsConfig config, Neighbours neighbours, LongSupplier nanoClock, MeterRegistry meters) {
    this.maxSubjects = config.maxSubjects();
    this.inForce = new LimitsInForce(config);
    this.neighbours = neighbours;
    this.nanoClock = nanoClock;
    this.mostNodesAt = nanoClock.getAsLong();
    this.own =
        new MemoryLedger(
            4L * maxSubjects, Duration.ofMinutes(10), () -> nanoClock.getAsLong() / 1_000);
    Gauge.builder("tidegate.ratelimit.leases.held", this, RateLimits::leases)
        .description("leases in hand on this node: unspent and not lapsed")
        .register(meters);
    Gauge.builder("tidegate.ratelimit.degraded", this, limits -> limits.degraded() ? 1 : 0)
        .description("1 while this node gets no leases: it grants its share of the limits, or none")
        .register(meters);
    this.shared = FarSide.leases(meters, "share");
    this.withheld = FarSide.leases(meters, "withheld");
  }

  /** One more near side on this node spends leases. */
  void joins(RateLimiter nearSide) {
    nearSides.add(nearSide);
  }

  /**
   * Leases that this node's near sides hold, unspent and not lapsed: approximate, since they are
   * being spent meanwhile. Walks the near sides' tables; for metrics and pages, not for requests.
   */
  public int leases() {
    int leases = 0;
    for (RateLimiter nearSide : nearSides) {
      leases += nearSide.leases();
    }
    return leases;
  }

  /**
   * Puts in force what all nodes agree on, in place of what this node's own file said at its start.
   * Near sides keep the leases of policies that are as they were; what others have left, the ledger
   * knows.
   */
  public Future<Void> follow(SharedTruth truth, Vertx vertx) {
    return vertx.executeBlocking(
        () -> {
          truth.handTo(
              snapshot -> {
                become(LimitsDocument.read(snapshot.getContent()));
                log.atInfo()
                    .addKeyValue("version", snapshot.getRevision())
                    .addKeyValue("from", snapshot.getSource())
                    .addKeyValue("policies", inForce.policies().size())
                    .log("limits in force");
              });
          return null;
        });
  }

  /** Swaps all policies at once. */
  void become(LimitsConfig config) {
    inForce = new LimitsInForce(config);
  }

  LimitsInForce inForce() {
    return inForce;
  }

  int maxSubjects() {
    return maxSubjects;
  }

  MemoryLedger own() {
    return own;
  }

  Outage redis() {
    return redis;
  }

  Outage farSide() {
    return farSide;
  }

  Neighbours neighbours() {
    return neighbours;
  }

  /** This node's far side grants from the ledger, or does so no more. */
  void grants(boolean does) {
    grants = does;
  }

  /**
   * Whether this node gets no leases from the ledger, by itself or by others: it grants its share
   * of the limits alone, or nothing beyond its leases.
   */
  public boolean degraded() {
    return farSide.lost() || (redis.lost() && !neighbours.reach());
  }

  /**
   * Whether nobody can be granting from the ledger, so that all shares together stay within the
   * limits: docs/adr/0008-what-a-partition-may-cost-a-limit.md. A node by itself is nobody's
   * neighbour: what its near sides can't get, nobody else does.
   */
  boolean mayShare() {
    return !neighbours.mayReach() && (!grants || nodes() == 1);
  }

  /**
   * Nodes that the limits are shared by: the most that were alive lately, and no fewer than at its
   * beginning while the outage lasts, since a node that can't be heard may well be serving.
   */
  synchronized int nodes() {
    int live = Math.max(1, neighbours.nearSides());
    long now = nanoClock.getAsLong();
    if (live >= mostNodes || (!degraded() && now - mostNodesAt > REMEMBER_PEERS_NANOS)) {
      mostNodes = live;
      mostNodesAt = now;
    }
    return mostNodes;
  }

  static String key(String policy, String subject) {
    return "tidegate:limit:" + policy + ":" + subject;
  }

  /**
   * Answers for the far side when that can't: from this node's share, or with nothing as long as
   * others may be granting.
   */
  LeaseReply instead(LeaseRequest request) {
    LimitsInForce now = inForce;
    int nodes = nodes();
    boolean share = mayShare();
    (share ? shared : withheld).increment(request.getWantsCount());
    LeaseReply.Builder reply = LeaseReply.newBuilder();
    for (Want want : request.getWantsList()) {
      Policy policy = now.policy(want.getPolicy());
      reply.addLeases(share && policy != null ? share(policy, want, nodes) : WITHHELD);
    }
    return reply.build();
  }

  private Lease share(Policy policy, Want want, int nodes) {
    Quota quota = policy.quotaOf(want.getSubject());
    Grant grant =
        own.takeShare(
            key(policy.name(), want.getSubject()), quota, nodes, want.getUnits(), farSide.times());
    return lease(quota, nodes, want.getUnits(), grant).setDegraded(true).build();
  }

  static Lease.Builder lease(Quota quota, int nodes, long wanted, Grant grant) {
    return Lease.newBuilder()
        .setGranted(grant.granted())
        .setValidMs(quota.leaseMicros() / 1_000)
        .setRemaining(grant.remaining(quota, nodes))
        .setResetMs(Math.ceilDiv(grant.resetMicros(), 1_000))
        .setRetryAfterMs(
            grant.granted() < wanted ? Math.ceilDiv(grant.retryMicros(quota, nodes), 1_000) : 0);
  }
}
