package io.tidegate.profile;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.IntSupplier;

/** The far side's meters, made once; its instances share them. */
final class StoreMeters {
  private final MeterRegistry registry;
  private final List<IntSupplier> waiting = new CopyOnWriteArrayList<>();

  /** Redis had it and it could be believed. */
  final Counter redisHits;

  final Counter redisMisses;

  /** Redis had it, but changes may have been missed since, or were announced. */
  final Counter redisUntrusted;

  /** Redis had it for so long that Postgres was asked too. */
  final Counter redisOld;

  final Counter redisErrors;
  final Counter redisFilled;

  /** Redis had a newer version than the one to be stored. */
  final Counter redisRefused;

  final Counter redisWriteErrors;

  /** Times that everything in Redis stopped being believed. */
  final Counter redisDistrusted;

  /** Answers from Redis since Postgres did not answer. */
  final Counter fallbacks;

  /** Ids refused since too many waited, or one too long. */
  final Counter refused;

  final Counter queryErrors;
  final DistributionSummary batch;
  final Timer query;
  final Counter erased;

  StoreMeters(MeterRegistry registry) {
    this.registry = registry;
    redisHits = reads("hit");
    redisMisses = reads("miss");
    redisUntrusted = reads("untrusted");
    redisOld = reads("old");
    redisErrors = reads("error");
    redisFilled = writes("filled");
    redisRefused = writes("refused");
    redisWriteErrors = writes("error");
    redisDistrusted = counter("redis.distrusted", "Times that all in Redis stopped being believed");
    fallbacks = counter("fallbacks", "Profiles from Redis since Postgres did not answer");
    refused = counter("postgres.refused", "Ids refused: too many waited, or too long");
    queryErrors = counter("postgres.errors", "Queries that failed");
    batch =
        DistributionSummary.builder("tidegate.profile.postgres.batch")
            .description("Ids in one query")
            .register(registry);
    query =
        Timer.builder("tidegate.profile.postgres.query")
            .description("Time of one query")
            .register(registry);
    Gauge.builder("tidegate.profile.postgres.waiting", this, StoreMeters::waiting)
        .description("Ids waiting for a query")
        .strongReference(true)
        .register(registry);
    erased = counter("erased", "Customers erased");
  }

  /** Some more ids that may wait for a query. */
  void waiting(IntSupplier ids) {
    waiting.add(ids);
  }

  private double waiting() {
    return waiting.stream().mapToInt(IntSupplier::getAsInt).sum();
  }

  private Counter reads(String outcome) {
    return Counter.builder("tidegate.profile.redis.reads")
        .description("Profiles looked for in Redis")
        .tag("outcome", outcome)
        .register(registry);
  }

  private Counter writes(String outcome) {
    return Counter.builder("tidegate.profile.redis.writes")
        .description("Profiles and version floors written to Redis")
        .tag("outcome", outcome)
        .register(registry);
  }

  private Counter counter(String name, String description) {
    return Counter.builder("tidegate.profile." + name).description(description).register(registry);
  }
}
