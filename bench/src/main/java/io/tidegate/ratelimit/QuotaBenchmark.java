package io.tidegate.ratelimit;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.tidegate.bus.Peers;
import io.tidegate.bus.Trace;
import io.tidegate.platform.ConfigLoader;
import io.tidegate.platform.ConfigSection;
import io.tidegate.proto.ratelimit.LeaseReply;
import io.tidegate.proto.ratelimit.LeaseRequest;
import io.tidegate.proto.ratelimit.Want;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/**
 * A decision by quota in hand, of a hundred users in turn; leases come from memory, a few times a
 * second each.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class QuotaBenchmark {
  private static final int USERS = 100;

  @Param({"1", "4"})
  private int policies;

  private final Caller[] callers = new Caller[USERS];
  private @Nullable RateLimits limits;
  private @Nullable RateLimiter limiter;
  private @Nullable MemoryLedger ledger;
  private int next;

  /** Limits that do not bite. */
  @Setup
  public void prepare() {
    Map<String, String> values = new HashMap<>();
    for (int policy = 1; policy <= policies; policy++) {
      String key = "limits.policies.per-user-" + policy + ".";
      values.put(key + "by", "user");
      values.put(key + "limit", "1000000000");
      values.put(key + "period", "60s");
      values.put(key + "burst", "100000000");
    }
    LimitsConfig config =
        ConfigLoader.section(new ConfigSection<>(LimitsConfig.class, LimitsConfig::check), values);
    MeterRegistry meters = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    limits = new RateLimits(config, Peers.alone(), meters);
    ledger = new MemoryLedger(100_000, Duration.ofDays(1), () -> System.nanoTime() / 1_000);
    limiter = new RateLimiter(this::lease, limits, System::nanoTime, meters);
    for (int user = 0; user < USERS; user++) {
      callers[user] = new Caller(null, "user-" + user, "203.0.113.7", "routed");
    }
    Future<Decision> decision = limiter.acquire(callers[0], Trace.NONE);
    if (!decision.succeeded() || !decision.result().allowed()) {
      throw new IllegalStateException("not admitted: " + decision);
    }
  }

  private Future<LeaseReply> lease(LeaseRequest request, Trace trace) {
    RateLimits known = limits;
    MemoryLedger from = ledger;
    if (known == null || from == null) {
      throw new IllegalStateException("not prepared");
    }
    LeaseReply.Builder reply = LeaseReply.newBuilder();
    for (Want want : request.getWantsList()) {
      Policy policy = known.inForce().policy(want.getPolicy());
      if (policy == null) {
        throw new IllegalStateException("no policy " + want.getPolicy());
      }
      Quota quota = policy.quotaOf(want.getSubject());
      String key = RateLimits.key(want.getPolicy(), want.getSubject());
      Grant grant = from.take(new Ledger.Withdrawal(key, quota, want.getUnits(), 0));
      reply.addLeases(RateLimits.lease(quota, 1, want.getUnits(), grant));
    }
    return Future.succeededFuture(reply.build());
  }

  /** One request's decision. */
  @Benchmark
  public @Nullable Object decide() {
    RateLimiter decides = limiter;
    Caller caller = callers[next++ % USERS];
    return decides == null ? null : decides.acquire(caller, Trace.NONE);
  }
}
