package io.tidegate.bench;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * How a node under test differs from another.
 *
 * @param name of its log and directory
 * @param routes how many, the one that is called included
 * @param policies how many limits apply to each request
 * @param environment more settings
 */
record NodeShape(String name, int routes, int policies, Map<String, String> environment) {
  /** Where the routes beside {@code /routed/*} are, with their number. */
  static final String OTHER_PATH = "/api/v1/other-%d/";

  /** The variable that says which roles a node hosts. */
  static final String ROLES = "TIDEGATE_NODE_ROLES";

  /** All roles but the projection. */
  static final String NO_PROJECTION = "edge,ingestion,routing,ratelimit,profile";

  NodeShape {
    environment = Map.copyOf(environment);
  }

  /** Ten routes and a limit for each user. */
  static NodeShape usual(String name) {
    return new NodeShape(name, 10, 1, Map.of());
  }

  /** The same with one more setting, such as {@code TIDEGATE_EDGE_ACCESS_LOG}. */
  NodeShape with(String variable, String value) {
    Map<String, String> more = new LinkedHashMap<>(environment);
    more.put(variable, value);
    return new NodeShape(name, routes, policies, more);
  }

  /**
   * routes.yaml; {@code /routed/*} goes to the upstream. Limits are wide: a closed loop drives a
   * node that has just started far beyond what it can do yet, and that must not open its breaker.
   */
  String routesYaml(String upstream) {
    StringBuilder yaml = new StringBuilder();
    yaml.append(
        """
        upstreams:
          upstream:
            endpoints: [%s]
            connections: 512
            queue: 10000
            connect-timeout: 10s
            answer-timeout: 30s
            breaker: {open-for: 1s}
        routes:
          routed:
            path: /routed/*
            upstream: upstream
        """
            .formatted(upstream));
    for (int route = 1; route < routes; route++) {
      yaml.append(
          ("  other-%d: {path: " + OTHER_PATH + "*, upstream: upstream}\n")
              .formatted(route, route));
    }
    return yaml.toString();
  }

  /** limits.yaml; none of them bites. */
  String limitsYaml() {
    StringBuilder yaml = new StringBuilder("limits:\n  policies:\n");
    for (int policy = 1; policy <= policies; policy++) {
      yaml.append(
          "    per-user-%d: {by: user, limit: 1000000000, period: 60s, burst: 100000000}\n"
              .formatted(policy));
    }
    yaml.append(
        "    per-write-key: {by: write-key, limit: 1000000000, period: 60s, burst: 100000000}\n");
    return yaml.toString();
  }
}
