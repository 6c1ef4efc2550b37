package io.tidegate.ratelimit;

import io.micrometer.core.instrument.MeterRegistry;
import io.tidegate.bus.Peers;
import java.util.List;

/**
 * What all sides of rate limiting on one node share: the policies in force, and the node's own
 * share of them for when the ledger in Redis is out of reach. One a node, safe from any thread.
 */
public final class RateLimits {
  /**
   * @throws IllegalArgumentException naming every problem of the configuration
   */
  public RateLimits(LimitsConfig config, Peers peers, MeterRegistry meters) {}

  /**
   * Everything that is wrong with a configuration, as {@code key: value (expected: ...)}; empty
   * when it is good.
   */
  public static List<String> problems(LimitsConfig config) {
    return List.of();
  }
}
