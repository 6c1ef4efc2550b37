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
  /** Whom the request counts for here, or null when the policy does not apply to it. */
  @Nullable String subjectOf(Caller caller) {
    if (!routes.isEmpty() && (caller.route() == null || !routes.contains(caller.route()))) {
      return null;
    }
    return switch (by) {
      case WRITE_KEY -> caller.writeKey();
      case USER -> caller.user();
      case ADDRESS -> caller.address();
      case ROUTE -> caller.route();
    };
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
