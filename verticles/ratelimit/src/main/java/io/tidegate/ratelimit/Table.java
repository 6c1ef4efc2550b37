package io.tidegate.ratelimit;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;

/**
 * What one near side holds of one policy: its subjects, and how many requests it decided.
 *
 * @param holdings by subject
 */
record Table(Policy policy, Cache<String, Holding> holdings, Counter admitted, Counter refused) {
  static Table of(Policy policy, int maxSubjects, MeterRegistry meters) {
    return new Table(
        policy,
        Caffeine.newBuilder().maximumSize(maxSubjects).executor(Runnable::run).build(),
        decisions(meters, policy, "admitted"),
        decisions(meters, policy, "refused"));
  }

  private static Counter decisions(MeterRegistry meters, Policy policy, String outcome) {
    return Counter.builder("tidegate.ratelimit.decisions")
        .description("requests a policy admitted or refused")
        .tag("policy", policy.name())
        .tag("outcome", outcome)
        .register(meters);
  }

  /** The subject's holding, new when there is none. */
  Holding of(String subject, long now) {
    Holding holding = holdings.getIfPresent(subject);
    if (holding == null) {
      holding = new Holding(policy, subject, now);
      holdings.put(subject, holding);
    }
    return holding;
  }
}
