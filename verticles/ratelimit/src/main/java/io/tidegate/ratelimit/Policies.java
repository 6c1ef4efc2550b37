package io.tidegate.ratelimit;

import io.tidegate.platform.Checks;
import io.tidegate.ratelimit.LimitsConfig.OverrideConfig;
import io.tidegate.ratelimit.LimitsConfig.PolicyConfig;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;

/** Turns policies as written into policies in force, or says what is wrong with them. */
final class Policies {
  private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9-]{0,63}");
  private static final long MAX_LIMIT = 1_000_000_000;
  private static final Duration LONGEST = Duration.ofDays(31);

  private Policies() {}

  /** In the order of their names. The configuration must be free of problems. */
  static List<Policy> of(LimitsConfig config) {
    List<Policy> policies = new ArrayList<>();
    new TreeMap<>(config.policies())
        .forEach(
            (name, written) -> {
              Map<String, Quota> overrides = new HashMap<>();
              written
                  .overrides()
                  .forEach((subject, own) -> overrides.put(subject, Rate.of(written, own).quota()));
              policies.add(
                  new Policy(
                      name,
                      written.by(),
                      Rate.of(written).quota(),
                      Set.copyOf(written.routes().orElse(Set.of())),
                      Map.copyOf(overrides)));
            });
    return List.copyOf(policies);
  }

  static void check(LimitsConfig config, Checks checks) {
    checks.between("limits.max-subjects", config.maxSubjects(), 1, 10_000_000);
    checkPolicies(config, checks);
  }

  /** The part that all nodes share. */
  static void checkPolicies(LimitsConfig config, Checks checks) {
    config
        .policies()
        .forEach(
            (name, written) -> {
              String key = "limits.policies." + name;
              checks.expect(
                  NAME.matcher(name).matches(),
                  key,
                  name,
                  "a name of lower-case letters, digits and dashes, at most 64");
              check(key, Rate.of(written), checks);
              written
                  .overrides()
                  .forEach(
                      (subject, own) ->
                          check(key + ".overrides." + subject, Rate.of(written, own), checks));
            });
  }

  private static void check(String key, Rate rate, Checks checks) {
    boolean sane =
        rate.limit >= 1
            && rate.limit <= MAX_LIMIT
            && rate.cost >= 1
            && rate.cost <= MAX_LIMIT
            && rate.period.compareTo(Duration.ofSeconds(1)) >= 0
            && rate.period.compareTo(LONGEST) <= 0;
    checks
        .expect(rate.limit >= 1, key + ".limit", rate.limit, ">= 1")
        .expect(rate.limit <= MAX_LIMIT, key + ".limit", rate.limit, "<= " + MAX_LIMIT)
        .between(key + ".cost", rate.cost, 1, MAX_LIMIT)
        .expect(
            rate.period.compareTo(Duration.ofSeconds(1)) >= 0
                && rate.period.compareTo(LONGEST) <= 0,
            key + ".period",
            rate.period,
            "1s to 31d");
    if (!sane) {
      return;
    }
    long least = Quota.leastBurst(rate.limit, rate.micros(), rate.cost);
    checks.expect(
        rate.burst >= least && rate.burst <= MAX_LIMIT,
        key + ".burst",
        rate.burst,
        least + " to " + MAX_LIMIT);
    if (rate.burst < least || rate.burst > MAX_LIMIT) {
      return;
    }
    boolean exact = Quota.isExact(rate.limit, rate.micros(), rate.burst);
    checks
        .expect(
            exact,
            key + ".limit",
            rate.limit + " in " + rate.period + ", burst " + rate.burst,
            "a rounder rate or a smaller burst, to be reckoned exactly")
        .expect(
            !exact || rate.quota().micros(rate.cost, 1) <= rate.quota().toleranceMicros(),
            key + ".burst",
            rate.burst,
            ">= " + 2 * rate.cost + ", twice a request's cost");
  }

  /** A rate as written, defaults filled in. */
  private record Rate(long limit, Duration period, long burst, long cost) {
    static Rate of(PolicyConfig policy) {
      return of(policy.limit(), policy.period(), policy.burst(), policy.cost());
    }

    static Rate of(PolicyConfig policy, OverrideConfig own) {
      return of(
          own.limit().orElse(policy.limit()),
          own.period().orElse(policy.period()),
          own.burst().isPresent() || own.limit().isPresent() ? own.burst() : policy.burst(),
          policy.cost());
    }

    private static Rate of(long limit, Duration period, OptionalLong burst, long cost) {
      return new Rate(limit, period, burst.orElse(Math.max(limit / 10, cost)), cost);
    }

    long micros() {
      return period.toNanos() / 1_000;
    }

    Quota quota() {
      return Quota.of(limit, micros(), burst, cost);
    }
  }
}
