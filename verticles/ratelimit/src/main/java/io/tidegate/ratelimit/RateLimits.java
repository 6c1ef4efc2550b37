package io.tidegate.ratelimit;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.tidegate.bus.Peers;
import io.tidegate.proto.ratelimit.Lease;
import io.tidegate.proto.ratelimit.LeaseReply;
import io.tidegate.proto.ratelimit.LeaseRequest;
import io.tidegate.proto.ratelimit.Want;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What all sides of rate limiting on one node share: the policies in force, and the node's own
 * share of them for when the ledger in Redis is out of reach. One a node, safe from any thread.
 */
public final class RateLimits {
  /**
   * Nodes that fell silent count for so long: when the cluster falls apart, nobody may take a
   * larger share.
   */
  private static final long REMEMBER_PEERS_NANOS = TimeUnit.MINUTES.toNanos(1);

  private final boolean enabled;
  private final int maxSubjects;
  private final List<Policy> policies;
  private final Map<String, Policy> byName = new HashMap<>();
  private final IntSupplier liveNodes;
  private final LongSupplier nanoClock;
  private final MemoryLedger own;
  private final Outage redis = new Outage("redis");
  private final Outage farSide = new Outage("ratelimit role");
  private final List<RateLimiter> nearSides = new CopyOnWriteArrayList<>();
  private int mostNodes = 1;
  private long mostNodesAt;

  /**
   * @param config free of problems ({@link LimitsConfig#check})
   */
  public RateLimits(LimitsConfig config, Peers peers, MeterRegistry meters) {
    this(config, peers::live, System::nanoTime, meters);
  }

  RateLimits(
      LimitsConfig config, IntSupplier liveNodes, LongSupplier nanoClock, MeterRegistry meters) {
    this.enabled = config.enabled();
    this.maxSubjects = config.maxSubjects();
    this.policies = Policies.of(config);
    policies.forEach(policy -> byName.put(policy.name(), policy));
    this.liveNodes = liveNodes;
    this.nanoClock = nanoClock;
    this.mostNodesAt = nanoClock.getAsLong();
    this.own =
        new MemoryLedger(
            4L * maxSubjects, Duration.ofMinutes(10), () -> nanoClock.getAsLong() / 1_000);
    Gauge.builder("tidegate.ratelimit.leases.held", this, RateLimits::leases)
        .description("leases in hand on this node: unspent and not lapsed")
        .register(meters);
    Gauge.builder("tidegate.ratelimit.degraded", this, limits -> limits.degraded() ? 1 : 0)
        .description("1 while this node grants its share of the limits alone")
        .register(meters);
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

  boolean enabled() {
    return enabled;
  }

  int maxSubjects() {
    return maxSubjects;
  }

  List<Policy> policies() {
    return policies;
  }

  @Nullable Policy policy(String name) {
    return byName.get(name);
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

  /** Whether this node grants its share of the limits alone. */
  public boolean degraded() {
    return redis.lost() || farSide.lost();
  }

  /**
   * Nodes that the limits are shared by: the most that were alive lately, and no fewer than at its
   * beginning while the outage lasts, since a node that can't be heard may well be serving.
   */
  synchronized int nodes() {
    int live = Math.max(1, liveNodes.getAsInt());
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

  /** Grants from this node's share what the far side can't. */
  LeaseReply share(LeaseRequest request) {
    LeaseReply.Builder reply = LeaseReply.newBuilder();
    for (Want want : request.getWantsList()) {
      Policy policy = byName.get(want.getPolicy());
      reply.addLeases(policy == null ? Lease.getDefaultInstance() : share(policy, want));
    }
    return reply.build();
  }

  Lease share(Policy policy, Want want) {
    Quota quota = policy.quotaOf(want.getSubject());
    int nodes = nodes();
    Grant grant =
        own.takeShare(key(policy.name(), want.getSubject()), quota, nodes, want.getUnits());
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
