package io.tidegate.ratelimit;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import io.tidegate.platform.Checks;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/**
 * The policies of conf/limits.yaml. All that apply to a request must grant it.
 *
 * <p>A policy lets each of its subjects (a write key, a user, an address, a route) spend {@code
 * limit} units a {@code period}, evenly, and up to {@code burst} units at once after a quiet time.
 * In no period does it admit more than limit + burst, whatever the number of nodes. Each request
 * costs {@code cost} units.
 */
@ConfigMapping(prefix = "limits")
public interface LimitsConfig {
  /** False admits everything and sends no headers. */
  @WithDefault("true")
  boolean enabled();

  /**
   * Subjects an event loop keeps in mind of each kind, users say, so that a flood of addresses
   * cannot exhaust the memory; about 600 bytes each and policy; 1 to 10,000,000.
   */
  @WithDefault("20000")
  int maxSubjects();

  /**
   * By name: lower-case letters, digits and dashes. The name shows in headers, messages, metrics
   * and Redis keys.
   */
  Map<String, PolicyConfig> policies();

  /** What a policy counts by. */
  enum By {
    WRITE_KEY,
    USER,
    ADDRESS,
    ROUTE
  }

  /** A policy as written. */
  interface PolicyConfig {
    By by();

    /** Units a period; at least 1. */
    long limit();

    /** 1 s to 31 days. */
    Duration period();

    /**
     * Units at once after a quiet time; a tenth of the limit unless set, at least one request's
     * cost. Under 40 ms' worth of the limit is refused: quota is leased to nodes for a part of the
     * burst, and shorter leases would be stale on arrival.
     */
    OptionalLong burst();

    /** Units a request costs; at least 1. */
    @WithDefault("1")
    long cost();

    /** Routes and jobs it applies to; all unless set. */
    Optional<Set<String>> routes();

    /**
     * Subjects with a rate of their own, by subject: a write key's name, a user id, an address, a
     * route.
     */
    Map<String, OverrideConfig> overrides();
  }

  /** What is different for one subject; what is not set is the policy's. */
  interface OverrideConfig {
    OptionalLong limit();

    Optional<Duration> period();

    OptionalLong burst();
  }

  /** Notes everything that the types can't say. */
  static void check(LimitsConfig config, Checks checks) {
    Policies.check(config, checks);
  }
}
