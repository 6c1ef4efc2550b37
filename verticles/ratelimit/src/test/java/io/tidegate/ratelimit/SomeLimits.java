package io.tidegate.ratelimit;

import io.micrometer.core.instrument.MeterRegistry;
import io.tidegate.platform.ConfigLoader;
import io.tidegate.platform.ConfigSection;
import java.util.HashMap;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;

/** Limits for tests, from keys and values as in limits.yaml without their common prefix. */
final class SomeLimits {
  private SomeLimits() {}

  static LimitsConfig config(String... keysAndValues) {
    Map<String, String> values = new HashMap<>();
    for (int i = 0; i < keysAndValues.length; i += 2) {
      values.put("limits." + keysAndValues[i], keysAndValues[i + 1]);
    }
    return ConfigLoader.section(
        new ConfigSection<>(LimitsConfig.class, LimitsConfig::check), values);
  }

  /** One policy by user called {@code per-user}. */
  static LimitsConfig perUser(long limit, String period, long burst) {
    return config(
        "policies.per-user.by",
        "user",
        "policies.per-user.limit",
        Long.toString(limit),
        "policies.per-user.period",
        period,
        "policies.per-user.burst",
        Long.toString(burst));
  }

  static RateLimits limits(
      LimitsConfig config, IntSupplier nodes, LongSupplier nanoClock, MeterRegistry meters) {
    return new RateLimits(config, unable(nodes), nanoClock, meters);
  }

  /** So many nodes, of which none but this one may reach the ledger. */
  static Neighbours unable(IntSupplier nodes) {
    return neighbours(nodes, () -> false, () -> false);
  }

  static Neighbours neighbours(IntSupplier nodes, BooleanSupplier reach, BooleanSupplier mayReach) {
    return new Neighbours() {
      @Override
      public int nearSides() {
        return nodes.getAsInt();
      }

      @Override
      public boolean reach() {
        return reach.getAsBoolean();
      }

      @Override
      public boolean mayReach() {
        return mayReach.getAsBoolean();
      }
    };
  }

  static Caller user(String user) {
    return new Caller(null, user, null, null);
  }
}
