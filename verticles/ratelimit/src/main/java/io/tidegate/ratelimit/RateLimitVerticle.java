package io.tidegate.ratelimit;

import io.micrometer.core.instrument.MeterRegistry;
import io.tidegate.bus.Bus;
import io.tidegate.bus.BusMap;
import io.tidegate.bus.SharedTruth;
import io.tidegate.platform.RedisConfig;
import io.tidegate.platform.RedisLink;
import io.tidegate.platform.TruthFile;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The far side of rate limiting on the bus: offers the policies of limits.yaml to all nodes, and
 * leases quota from the ledger in Redis. While Redis is lost it says so and tries it again by
 * itself; other nodes are asked then. One a node.
 */
public final class RateLimitVerticle extends VerticleBase {
  private static final long PROBE_MS = 250;

  /**
   * A late lease is still a lease, and to take a busy Redis for a lost one costs two seconds of
   * shares; so the ledger has most of the time that {@link BusMap#RATELIMIT_LEASE} leaves.
   */
  private static final Duration LEDGER_DEADLINE = Duration.ofMillis(800);

  private final Bus bus;
  private final RateLimits limits;
  private final SharedTruth truth;
  private final LimitsFile limitsFile;
  private final RedisConfig redisConfig;
  private final MeterRegistry meters;
  private @Nullable TruthFile offered;
  private @Nullable RedisLink redis;
  private @Nullable FarSide farSide;
  private Bus.@Nullable Registration serving;
  private boolean probing;

  /**
   * @param truth this node's copy of the limits, started
   * @param file where this far side has its policies from, to offer them to all nodes
   */
  public RateLimitVerticle(
      Bus bus,
      RateLimits limits,
      SharedTruth truth,
      LimitsFile file,
      RedisConfig redis,
      MeterRegistry meters) {
    this.bus = bus;
    this.limits = limits;
    this.truth = truth;
    this.limitsFile = file;
    this.redisConfig = redis;
    this.meters = meters;
  }

  @Override
  public Future<?> start() {
    RedisLink link = new RedisLink(vertx, redisConfig, "ratelimit", LEDGER_DEADLINE);
    FarSide side = new FarSide(new RedisLedger(link::sendAll), limits, System::nanoTime, meters);
    redis = link;
    farSide = side;
    TruthFile policies =
        new TruthFile(
            vertx,
            truth,
            limitsFile.path(),
            limitsFile::document,
            limitsFile.reloadEvery(),
            "ratelimit",
            meters);
    offered = policies;
    return policies
        .start()
        .compose(inForce -> link.start())
        .onSuccess(
            attempted -> {
              if (link.up()) {
                side.begins();
              } else {
                side.loses("not reachable at the start");
              }
              vertx.setPeriodic(PROBE_MS, timer -> probe(link, side));
            })
        .compose(
            attempted ->
                bus.serve(
                    BusMap.RATELIMIT_LEASE, (request, trace) -> side.lease(request), side::able))
        .onSuccess(registration -> serving = registration);
  }

  @Override
  public Future<?> stop() {
    if (offered != null) {
      offered.close();
    }
    Future<Void> quiet = serving == null ? Future.succeededFuture() : serving.remove();
    return quiet.eventually(
        () -> {
          if (farSide != null) {
            farSide.ends();
          }
          return redis == null ? Future.succeededFuture() : redis.close();
        });
  }

  /** Asks Redis for its time: also while nobody asks for leases, for others want to know. */
  private void probe(RedisLink link, FarSide side) {
    limits.nodes();
    side.looksAround();
    if (!link.up()) {
      side.loses("not reachable");
    } else if (!probing) {
      probing = true;
      link.send(Request.cmd(Command.TIME))
          .onComplete(
              time -> {
                probing = false;
                if (time.succeeded() && time.result() != null) {
                  side.reaches(micros(time.result()));
                } else {
                  side.loses(String.valueOf(time.cause()));
                }
              });
    }
  }

  private static long micros(Response time) {
    return TimeUnit.SECONDS.toMicros(time.get(0).toLong()) + time.get(1).toLong();
  }
}
