package io.tidegate.ratelimit;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.tidegate.bus.Bus;
import io.tidegate.bus.BusMap;
import io.tidegate.bus.Failure;
import io.tidegate.bus.Trace;
import io.tidegate.platform.RedisConfig;
import io.tidegate.platform.RedisLink;
import io.tidegate.proto.ratelimit.Lease;
import io.tidegate.proto.ratelimit.LeaseReply;
import io.tidegate.proto.ratelimit.LeaseRequest;
import io.tidegate.proto.ratelimit.Want;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The far side of rate limiting: leases quota from the ledger in Redis. While Redis is lost it
 * grants this node's share alone, marked degraded, and tries Redis again by itself. One a node.
 */
public final class RateLimitVerticle extends VerticleBase {
  private static final long PROBE_MS = 250;

  /** Wants of one call; a near side asks for its policies, a handful. */
  private static final int MAX_WANTS = 256;

  private final Bus bus;
  private final RateLimits limits;
  private final RedisConfig redisConfig;
  private final Timer redisTime;
  private final Counter granted;
  private final Counter refused;
  private final Counter shared;
  private @Nullable RedisLink redis;
  private @Nullable Ledger ledger;
  private Bus.@Nullable Registration serving;

  public RateLimitVerticle(Bus bus, RateLimits limits, RedisConfig redis, MeterRegistry meters) {
    this.bus = bus;
    this.limits = limits;
    this.redisConfig = redis;
    this.redisTime =
        Timer.builder("tidegate.ratelimit.redis")
            .description("the ledger's script, asked to answered")
            .publishPercentileHistogram()
            .minimumExpectedValue(Duration.ofNanos(50_000))
            .maximumExpectedValue(Duration.ofSeconds(1))
            .register(meters);
    this.granted = leases(meters, "granted");
    this.refused = leases(meters, "refused");
    this.shared = leases(meters, "degraded");
  }

  private static Counter leases(MeterRegistry meters, String outcome) {
    return Counter.builder("tidegate.ratelimit.leases")
        .description(
            "leases by outcome: granted at least in part, refused, degraded (from the node's own share)")
        .tag("outcome", outcome)
        .register(meters);
  }

  @Override
  public Future<?> start() {
    RedisLink link = new RedisLink(vertx, redisConfig, "ratelimit");
    redis = link;
    ledger = new RedisLedger(link::send);
    return link.start()
        .onSuccess(
            attempted -> {
              if (!link.up()) {
                limits.redis().begins("not reachable at the start");
              }
              vertx.setPeriodic(PROBE_MS, timer -> probe(link));
            })
        .compose(attempted -> bus.serve(BusMap.RATELIMIT_LEASE, this::lease))
        .onSuccess(registration -> serving = registration);
  }

  @Override
  public Future<?> stop() {
    Future<Void> quiet = serving == null ? Future.succeededFuture() : serving.remove();
    return quiet.eventually(() -> redis == null ? Future.succeededFuture() : redis.close());
  }

  private void probe(RedisLink link) {
    limits.nodes();
    if (!link.up()) {
      limits.redis().begins("not reachable");
    } else if (limits.redis().lost()) {
      link.send(Request.cmd(Command.PING)).onSuccess(pong -> limits.redis().ends());
    }
  }

  private Future<LeaseReply> lease(LeaseRequest request, Trace trace) {
    if (request.getWantsCount() > MAX_WANTS) {
      return Future.failedFuture(
          Failure.BAD_REQUEST.because(
              "wants: " + request.getWantsCount() + " (expected: <= " + MAX_WANTS + ")"));
    }
    List<Future<Lease>> leases = new ArrayList<>(request.getWantsCount());
    for (Want want : request.getWantsList()) {
      Policy policy = limits.policy(want.getPolicy());
      if (policy == null || want.getUnits() < 1) {
        return Future.failedFuture(
            Failure.BAD_REQUEST.because(
                "want: "
                    + want.getUnits()
                    + " of "
                    + want.getPolicy()
                    + " (expected: >= 1 of a policy in limits.yaml)"));
      }
      leases.add(lease(policy, want));
    }
    return Future.all(leases)
        .map(all -> LeaseReply.newBuilder().addAllLeases(all.<Lease>list()).build());
  }

  private Future<Lease> lease(Policy policy, Want want) {
    if (ledger == null || limits.redis().lost()) {
      return Future.succeededFuture(share(policy, want));
    }
    String key = RateLimits.key(policy.name(), want.getSubject());
    Quota quota = policy.quotaOf(want.getSubject());
    long asked = System.nanoTime();
    return ledger
        .take(key, quota, want.getUnits(), limits.own().known(key))
        .map(
            grant -> {
              redisTime.record(Duration.ofNanos(System.nanoTime() - asked));
              limits.own().learn(key, grant);
              (grant.granted() > 0 ? granted : refused).increment();
              return RateLimits.lease(quota, 1, want.getUnits(), grant).build();
            })
        .recover(
            cause -> {
              limits.redis().begins(String.valueOf(cause.getMessage()));
              return Future.succeededFuture(share(policy, want));
            });
  }

  private Lease share(Policy policy, Want want) {
    shared.increment();
    return limits.share(policy, want);
  }
}
