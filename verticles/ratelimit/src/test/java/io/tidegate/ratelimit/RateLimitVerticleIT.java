package io.tidegate.ratelimit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.tidegate.bus.Bus;
import io.tidegate.bus.BusMap;
import io.tidegate.bus.Failure;
import io.tidegate.bus.FailureException;
import io.tidegate.bus.Peers;
import io.tidegate.bus.SharedTruth;
import io.tidegate.bus.Trace;
import io.tidegate.devstack.Await;
import io.tidegate.devstack.RedisServer;
import io.tidegate.devstack.TestServers;
import io.tidegate.platform.ConfigLoader;
import io.tidegate.platform.ConfigurationException;
import io.tidegate.platform.Problem;
import io.tidegate.platform.RedisConfig;
import io.tidegate.proto.ratelimit.LeaseRequest;
import io.tidegate.proto.ratelimit.Want;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/**
 * The near and the far side over a real bus, on a real Redis that is stopped, frozen and brought
 * back.
 */
class RateLimitVerticleIT {
  private static final Duration SOON = Duration.ofSeconds(15);

  private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  private final Vertx vertx = Vertx.vertx();
  private final Bus bus = new Bus(vertx);
  private final Context loop = vertx.getOrCreateContext();
  private final Caller caller = SomeLimits.user(UUID.randomUUID().toString());
  private final ListAppender<ILoggingEvent> said = new ListAppender<>();
  private final AtomicReference<@Nullable LimitsConfig> written = new AtomicReference<>();
  @TempDir private Path folder;
  private SharedTruth truth;
  private RateLimiter limiter;
  private String deployment;

  private void start(RedisServer redis, LimitsConfig config) throws Exception {
    said.start();
    ((Logger) LoggerFactory.getLogger(Outage.class)).setLevel(ch.qos.logback.classic.Level.INFO);
    ((Logger) LoggerFactory.getLogger(Outage.class)).addAppender(said);
    RateLimits limits = new RateLimits(config, Peers.alone(), meters);
    RedisConfig redisConfig =
        ConfigLoader.section(RedisConfig.class, Map.of("redis.uri", redis.uri()));
    truth = SharedTruth.limits(bus, vertx, "here");
    get(truth.start());
    get(limits.follow(truth, vertx));
    written.set(config);
    LimitsFile file =
        new LimitsFile(
            Files.writeString(folder.resolve("limits.yaml"), "1"),
            () -> read(written.get()),
            Duration.ofMillis(20));
    deployment =
        get(
            vertx.deployVerticle(
                new RateLimitVerticle(bus, limits, truth, file, redisConfig, meters)));
    limiter = new RateLimiter(bus, vertx, limits, System::nanoTime, meters);
  }

  @AfterEach
  void close() {
    ((Logger) LoggerFactory.getLogger(Outage.class)).detachAppender(said);
    vertx.close().await();
  }

  /** Null stands for a bad file. */
  private static LimitsConfig read(@Nullable LimitsConfig config) {
    if (config == null) {
      throw new ConfigurationException(
          List.of(new Problem("limits.yaml", "limits.policies.a.limit", "x", "a number")));
    }
    return config;
  }

  private void reload(@Nullable LimitsConfig config, String text) throws Exception {
    written.set(config);
    Files.writeString(folder.resolve("limits.yaml"), text);
  }

  @Test
  void changedLimitsAreInForceWithoutARestartAndABadFileIsNot() throws Exception {
    start(TestServers.redis(), SomeLimits.perUser(5, "1h", 3));
    assertThat(acquire().remaining()).isEqualTo(2);
    long before = truth.revision();
    reload(SomeLimits.perUser(50, "1h", 30), "22");
    Await.until("reloaded", SOON, () -> truth.revision() > before);
    assertThat(acquire().remaining())
        .as("one in 12 minutes was spent before, which is 10 at the new rate")
        .isEqualTo(19);
    reload(null, "333");
    Await.until("refused", SOON, () -> count("tidegate.ratelimit.reload.failed") == 1);
    assertThat(acquire().allowed()).isTrue();
    assertThat(count("tidegate.ratelimit.reloads")).isEqualTo(1);
  }

  private double count(String meter) {
    return meters.get(meter).counter().count();
  }

  @Test
  void countsInRedis() throws Exception {
    start(TestServers.redis(), SomeLimits.perUser(5, "1h", 3));
    for (int i = 2; i >= 0; i--) {
      Decision decision = acquire();
      assertThat(decision.allowed()).isTrue();
      assertThat(decision.degraded()).isFalse();
      assertThat(decision.remaining()).isEqualTo(i);
    }
    Decision refused = acquire();
    assertThat(refused.allowed()).isFalse();
    assertThat(refused.retryAfter()).isBetween(Duration.ofSeconds(700), Duration.ofSeconds(720));
    assertThat(meters.get("tidegate.ratelimit.redis").timer().count()).isEqualTo(4);
  }

  @Test
  void goesOnAloneWhileRedisIsStoppedAndComesBack() throws Exception {
    RedisServer redis = TestServers.ownRedis();
    start(redis, SomeLimits.perUser(6_000, "60s", 600));
    assertThat(acquire().degraded()).isFalse();
    redis.stop();
    Await.until("decided alone", SOON, () -> acquire().degraded());
    assertThat(degraded()).isEqualTo(1);
    redis.startAgain();
    Await.until("decided by Redis", SOON, () -> !acquire().degraded());
    assertThat(degraded()).isZero();
    Await.until("told", SOON, () -> said.list.size() == 4);
    assertThat(said.list)
        .extracting(ILoggingEvent::getMessage)
        .containsOnly("rate limiting: {}", "rate limiting: this is over");
  }

  @Test
  void goesOnAloneWhileRedisIsFrozenAndComesBack() throws Exception {
    RedisServer redis = TestServers.ownRedis();
    start(redis, SomeLimits.perUser(6_000, "60s", 600));
    assertThat(acquire().degraded()).isFalse();
    redis.pause();
    try {
      Await.until("decided alone", SOON, () -> acquire().degraded());
      assertThat(degraded()).isEqualTo(1);
    } finally {
      redis.resume();
    }
    Await.until("decided by Redis", SOON, () -> !acquire().degraded());
    assertThat(degraded()).isZero();
  }

  @Test
  void neverFailsOpenWhileRedisIsLost() throws Exception {
    RedisServer redis = TestServers.ownRedis();
    start(redis, SomeLimits.perUser(10, "1h", 4));
    assertThat(acquire().allowed()).isTrue();
    redis.killHard();
    int admitted = 1;
    for (int i = 0; i < 500; i++) {
      admitted += acquire().allowed() ? 1 : 0;
    }
    assertThat(admitted).isBetween(3, 4);
  }

  @Test
  void startsWithoutRedis() throws Exception {
    RedisServer redis = TestServers.ownRedis();
    redis.stop();
    start(redis, SomeLimits.perUser(6_000, "60s", 600));
    assertThat(acquire().degraded()).isTrue();
    redis.startAgain();
    Await.until("decided by Redis", SOON, () -> !acquire().degraded());
  }

  @Test
  void withoutAFarSideTheNodeGrantsItsShare() throws Exception {
    start(TestServers.redis(), SomeLimits.perUser(6_000, "60s", 600));
    get(vertx.undeploy(deployment));
    Decision decision = acquire();
    assertThat(decision.degraded()).isTrue();
    assertThat(decision.allowed()).isTrue();
  }

  @Test
  void theFarSideSaysSoWhenRedisIsLost() throws Exception {
    RedisServer redis = TestServers.ownRedis();
    start(redis, SomeLimits.perUser(6_000, "60s", 600));
    redis.stop();
    LeaseRequest one =
        LeaseRequest.newBuilder()
            .addWants(Want.newBuilder().setPolicy("per-user").setSubject("x").setUnits(1))
            .build();
    assertThatThrownBy(() -> get(bus.call(BusMap.RATELIMIT_LEASE, one, Trace.NONE)))
        .hasRootCauseInstanceOf(FailureException.class)
        .rootCause()
        .extracting(cause -> ((FailureException) cause).failure())
        .isEqualTo(Failure.STORE_UNAVAILABLE);
  }

  @Test
  void refusesWantsThatMakeNoSense() throws Exception {
    start(TestServers.redis(), SomeLimits.perUser(5, "1h", 3));
    LeaseRequest nothing =
        LeaseRequest.newBuilder()
            .addWants(Want.newBuilder().setPolicy("per-user").setSubject("x").setUnits(0))
            .build();
    assertThatThrownBy(() -> get(bus.call(BusMap.RATELIMIT_LEASE, nothing, Trace.NONE)))
        .hasMessageContaining("want: 0 of per-user (expected: ");
    LeaseRequest.Builder many = LeaseRequest.newBuilder();
    for (int i = 0; i < 257; i++) {
      many.addWants(Want.newBuilder().setPolicy("per-user").setSubject("x" + i).setUnits(1));
    }
    assertThatThrownBy(() -> get(bus.call(BusMap.RATELIMIT_LEASE, many.build(), Trace.NONE)))
        .hasMessageContaining("wants: 257 (expected: <= 256)");
  }

  private double degraded() {
    return meters.get("tidegate.ratelimit.degraded").gauge().value();
  }

  private Decision acquire() throws Exception {
    Promise<Decision> promise = Promise.promise();
    loop.runOnContext(on -> limiter.acquire(caller, Trace.NONE).onComplete(promise));
    return get(promise.future());
  }

  private static <T> T get(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
  }
}
