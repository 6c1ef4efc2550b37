package io.tidegate.routing;

import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The shape of routes.yaml, key by key, with the defaults. Jackson fills it in (field names in
 * kebab case are the keys); after that nobody changes it.
 */
final class RoutesYaml {
  Map<String, UpstreamYaml> upstreams = Map.of();
  Map<String, RouteYaml> routes = Map.of();

  /** Servers that do the same. */
  static final class UpstreamYaml {
    List<String> endpoints = List.of();
    Balance balance = Balance.LEAST_REQUESTS;
    Duration connectTimeout = ofSeconds(1);
    Duration answerTimeout = ofSeconds(5);
    Duration idleTimeout = ofSeconds(30);
    int connections = 256;
    int queue = 1024;
    Duration keepAlive = ofSeconds(3);
    Duration avoidFor = ofSeconds(5);
    RetryYaml retry = new RetryYaml();
    BreakerYaml breaker = new BreakerYaml();
    @Nullable HealthYaml healthCheck;
  }

  /** When a request may be sent once more. */
  static final class RetryYaml {
    int attempts = 2;
    double budget = 0.2;
    int perSecond = 10;
    Set<Integer> statuses = Set.of(502, 503, 504);
  }

  /** When to stop asking an endpoint. */
  static final class BreakerYaml {
    int window = 10;
    double failureRatio = 0.5;
    Duration openFor = ofSeconds(30);
    Set<Integer> statuses = Set.of(500, 502, 503, 504);
  }

  /** Asking endpoints how they are. */
  static final class HealthYaml {
    String path = "";
    Duration interval = ofSeconds(1);
    Duration timeout = ofMillis(500);
    int failures = 2;
    int successes = 1;
  }

  /** Which requests go where, and how. */
  static final class RouteYaml {
    String path = "";
    String host = "";
    Set<String> methods = Set.of();
    Map<String, String> headers = Map.of();
    String upstream = "";
    Route.Auth auth = Route.Auth.TOKEN;
    Set<String> roles = Set.of();
    @Nullable String stripPrefix;
    @Nullable String rewrite;
    boolean preserveHost;
    boolean forwardAuthorization = true;
    @Nullable String customerParameter;
    HeadersYaml requestHeaders = new HeadersYaml();
    HeadersYaml responseHeaders = new HeadersYaml();
    @Nullable Duration answerTimeout;
    @Nullable Duration idleTimeout;
    @Nullable Duration totalTimeout;
    @Nullable FallbackYaml fallback;
  }

  /** Changes to a head: removed first, then set, then added. */
  static final class HeadersYaml {
    Set<String> remove = Set.of();
    Map<String, String> set = Map.of();
    Map<String, String> add = Map.of();
  }

  /** What to answer when the upstream can't. */
  static final class FallbackYaml {
    int status = 200;
    String contentType = "application/json";
    Map<String, String> headers = Map.of();
    String body = "";
  }
}
