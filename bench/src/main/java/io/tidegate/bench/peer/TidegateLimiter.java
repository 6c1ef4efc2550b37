package io.tidegate.bench.peer;

import io.micrometer.core.instrument.MeterRegistry;
import io.tidegate.bus.Bus;
import io.tidegate.bus.Peers;
import io.tidegate.bus.SharedTruth;
import io.tidegate.bus.Trace;
import io.tidegate.platform.ConfigLoader;
import io.tidegate.platform.ConfigSection;
import io.tidegate.platform.Metrics;
import io.tidegate.platform.RedisConfig;
import io.tidegate.ratelimit.Caller;
import io.tidegate.ratelimit.Decision;
import io.tidegate.ratelimit.LimitsConfig;
import io.tidegate.ratelimit.LimitsFile;
import io.tidegate.ratelimit.RateLimitVerticle;
import io.tidegate.ratelimit.RateLimiter;
import io.tidegate.ratelimit.RateLimits;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/**
 * The gateway's limiter on its own: near side, bus, far side and Redis, deciding for a hundred
 * users in turn as fast as it can. The near side's event loop never rests, so the far side, which
 * waits for Redis, has another one.
 *
 * <p>Arguments: {@code REDIS-URI SECONDS}. The first seconds warm up and do not count.
 */
public final class TidegateLimiter {
  /** Decisions in a row before the loop may turn to other things. */
  private static final int TURN = 256;

  private TidegateLimiter() {}

  /** Prints the figures. */
  public static void main(String[] args) throws Exception {
    Vertx vertx =
        Vertx.vertx(new VertxOptions().setPreferNativeTransport(true).setEventLoopPoolSize(2));
    Path file = Files.createTempFile("tidegate-bench-limits", ".yaml");
    try {
      RateLimiter limiter = limiter(vertx, args[0], file);
      CompletableFuture<Void> ended = new CompletableFuture<>();
      DecisionLoop loop = new DecisionLoop(Integer.parseInt(args[1]), ended);
      Context near = vertx.getOrCreateContext();
      near.runOnContext(turn -> turn(near, limiter, loop));
      ended.join();
    } finally {
      Files.delete(file);
    }
    vertx.close().toCompletionStage().toCompletableFuture().join();
    System.exit(0);
  }

  private static RateLimiter limiter(Vertx vertx, String redisUri, Path file) throws Exception {
    LimitsConfig limits =
        ConfigLoader.section(
            new ConfigSection<>(LimitsConfig.class, LimitsConfig::check),
            Map.of(
                "limits.policies.per-user.by", "user",
                "limits.policies.per-user.limit", "1000000000",
                "limits.policies.per-user.period", "60s",
                "limits.policies.per-user.burst", "100000000"));
    RedisConfig redis = ConfigLoader.section(RedisConfig.class, Map.of("redis.uri", redisUri));
    MeterRegistry meters = new Metrics().registry();
    Bus bus = new Bus(vertx);
    RateLimits shared = new RateLimits(limits, Peers.alone(), meters);
    SharedTruth truth = SharedTruth.limits(bus, vertx, "bench");
    LimitsFile source = new LimitsFile(file, () -> limits, Duration.ofHours(1));
    RateLimitVerticle farSide = new RateLimitVerticle(bus, shared, truth, source, redis, meters);
    truth
        .start()
        .compose(started -> shared.follow(truth, vertx))
        .compose(following -> vertx.deployVerticle(farSide))
        .toCompletionStage()
        .toCompletableFuture()
        .join();
    return new RateLimiter(bus, vertx, shared, System::nanoTime, meters);
  }

  private static void turn(Context near, RateLimiter limiter, DecisionLoop loop) {
    for (int i = 0; i < TURN && loop.mayBegin(); i++) {
      long began = loop.begins();
      Caller caller = new Caller(null, loop.subject(), null, null);
      Future<Decision> decision = limiter.acquire(caller, Trace.NONE);
      if (decision.isComplete()) {
        loop.ends(began, decision.succeeded() && decision.result().allowed());
      } else {
        decision.onComplete(done -> loop.ends(began, done.succeeded() && done.result().allowed()));
      }
    }
    if (!loop.isOver()) {
      near.runOnContext(next -> turn(near, limiter, loop));
    }
  }
}
