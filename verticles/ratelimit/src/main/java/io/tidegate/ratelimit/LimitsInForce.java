package io.tidegate.ratelimit;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The policies in force on a node; swapped whole, so that one is another than the one before. */
final class LimitsInForce {
  private final boolean enabled;
  private final List<Policy> policies;
  private final Map<String, Policy> byName = new HashMap<>();

  /**
   * @param config free of problems
   */
  LimitsInForce(LimitsConfig config) {
    this.enabled = config.enabled();
    this.policies = Policies.of(config);
    policies.forEach(policy -> byName.put(policy.name(), policy));
  }

  /** False admits everything. */
  boolean enabled() {
    return enabled;
  }

  /** In the order of their names. */
  List<Policy> policies() {
    return policies;
  }

  @Nullable Policy policy(String name) {
    return byName.get(name);
  }
}
