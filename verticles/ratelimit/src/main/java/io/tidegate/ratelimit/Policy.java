package io.tidegate.ratelimit;

import io.tidegate.ratelimit.LimitsConfig.By;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A policy in force.
 *
 * @param routes routes it applies to; empty: all
 * @param overrides subjects with a quota of their own
 */
record Policy(String name, By by, Quota quota, Set<String> routes, Map<String, Quota> overrides) {
  /** Whether it applies to requests of the route; those without one are of no route. */
  boolean covers(@Nullable String route) {
    return routes.isEmpty() || (route != null && routes.contains(route));
  }

  Quota quotaOf(String subject) {
    return overrides.isEmpty() ? quota : overrides.getOrDefault(subject, quota);
  }

  /** Its item in {@code RateLimit-Policy}. */
  String headerItem(String subject) {
    Quota its = quotaOf(subject);
    return "\"" + name + "\";q=" + its.limit() + ";w=" + Decision.seconds(its.periodMicros());
  }
}
