package io.tidegate.routing;

import io.tidegate.platform.Checks;
import io.tidegate.platform.Problem;
import io.tidegate.routing.RoutesYaml.FallbackYaml;
import io.tidegate.routing.RoutesYaml.HeadersYaml;
import io.tidegate.routing.RoutesYaml.RouteYaml;
import io.tidegate.routing.RoutesYaml.UpstreamYaml;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What must hold of routes.yaml beyond the types of its values. */
final class RouteChecks {
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,63}");
  private static final Pattern HOST =
      Pattern.compile(
          "(\\*\\.)?[a-z0-9]([a-z0-9-]*[a-z0-9])?(\\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*|\\[[0-9a-f:.]+]");
  private static final Pattern TOKEN = Pattern.compile("[!#$%&'*+.^_`|~0-9A-Za-z-]+");
  private static final Pattern FIELD_VALUE = Pattern.compile("[\\t\\x20-\\x7e]*");
  private static final Set<String> OURS =
      Set.of(
          "host",
          "connection",
          "content-length",
          "transfer-encoding",
          "trailer",
          "te",
          "upgrade",
          "keep-alive");
  private static final int MOST_FALLBACK = 64 << 10;

  private final Checks checks;

  private RouteChecks(String file) {
    checks = new Checks(key -> file);
  }

  /**
   * Checks the whole file; gives the rules of its routes.
   *
   * @param problems where to note what is wrong
   * @return the rules of the routes, in their order; of no use when there are problems
   */
  static List<Rule> check(String file, RoutesYaml yaml, List<Problem> problems) {
    RouteChecks all = new RouteChecks(file);
    yaml.upstreams.forEach((name, upstream) -> all.upstream("upstreams." + name, name, upstream));
    List<Rule> rules = new ArrayList<>();
    Map<Object, String> seen = new HashMap<>();
    yaml.routes.forEach(
        (name, route) -> {
          Rule rule = all.route("routes." + name, name, route, yaml.upstreams);
          if (rule != null) {
            rules.add(rule);
            String twin = seen.putIfAbsent(all.sameness(rule), name);
            all.checks.expect(
                twin == null,
                "routes." + name,
                route.path,
                "another path, host, method or header than " + twin);
          }
        });
    // A value of the wrong type was replaced by its default: what that leads to is no news.
    Set<String> told = new HashSet<>();
    problems.forEach(problem -> told.add(problem.key()));
    all.checks.problems().stream()
        .filter(problem -> !told.contains(problem.key()))
        .forEach(problems::add);
    return rules;
  }

  private void upstream(String key, String name, UpstreamYaml upstream) {
    name(key, name);
    checks.between(key + ".endpoints", upstream.endpoints.size(), 1, 64);
    Set<String> urls = new HashSet<>();
    for (int i = 0; i < upstream.endpoints.size(); i++) {
      String url = upstream.endpoints.get(i);
      String at = key + ".endpoints[" + i + "]";
      checks.expect(
          isEndpoint(url), at, url, "http://host:port or https://host:port, without a path");
      checks.expect(urls.add(url), at, url, "each endpoint once");
    }
    within(key + ".connect-timeout", upstream.connectTimeout, Duration.ofMinutes(1));
    within(key + ".answer-timeout", upstream.answerTimeout, Duration.ofHours(1));
    within(key + ".idle-timeout", upstream.idleTimeout, Duration.ofHours(1));
    within(key + ".keep-alive", upstream.keepAlive, Duration.ofMinutes(10));
    within(key + ".avoid-for", upstream.avoidFor, Duration.ofHours(1));
    checks.between(key + ".connections", upstream.connections, 1, 65_536);
    checks.between(key + ".queue", upstream.queue, 0, 1_000_000);
    checks.between(key + ".retry.attempts", upstream.retry.attempts, 0, 10);
    checks.between(key + ".retry.per-second", upstream.retry.perSecond, 0, 100_000);
    checks.expect(
        upstream.retry.budget >= 0 && upstream.retry.budget <= 1,
        key + ".retry.budget",
        upstream.retry.budget,
        "0 to 1");
    statuses(key + ".retry.statuses", upstream.retry.statuses);
    checks.between(key + ".breaker.window", upstream.breaker.window, 1, 10_000);
    checks.expect(
        upstream.breaker.failureRatio > 0 && upstream.breaker.failureRatio <= 1,
        key + ".breaker.failure-ratio",
        upstream.breaker.failureRatio,
        "above 0, at most 1");
    within(key + ".breaker.open-for", upstream.breaker.openFor, Duration.ofHours(1));
    statuses(key + ".breaker.statuses", upstream.breaker.statuses);
    if (upstream.healthCheck != null) {
      String health = key + ".health-check";
      checks.expect(
          upstream.healthCheck.path.startsWith("/"),
          health + ".path",
          upstream.healthCheck.path,
          "a path such as /health");
      within(health + ".interval", upstream.healthCheck.interval, Duration.ofHours(1));
      within(health + ".timeout", upstream.healthCheck.timeout, Duration.ofMinutes(1));
      checks.between(health + ".failures", upstream.healthCheck.failures, 1, 100);
      checks.between(health + ".successes", upstream.healthCheck.successes, 1, 100);
    }
  }

  private @Nullable Rule route(
      String key, String name, RouteYaml route, Map<String, UpstreamYaml> upstreams) {
    name(key, name);
    checks.expect(
        upstreams.containsKey(route.upstream),
        key + ".upstream",
        route.upstream,
        upstreams.isEmpty()
            ? "one of upstreams"
            : "one of upstreams: " + String.join(", ", upstreams.keySet()));
    String host = route.host.toLowerCase(Locale.ROOT);
    checks.expect(
        host.isEmpty() || HOST.matcher(host).matches(),
        key + ".host",
        route.host,
        "a host name without port, or *.example.com for all below it");
    for (String method : route.methods) {
      checks.expect(
          TOKEN.matcher(method).matches()
              && method.equals(method.toUpperCase(Locale.ROOT))
              && !method.equals("CONNECT"),
          key + ".methods",
          method,
          "methods in capitals, such as GET");
    }
    Map<String, String> headers = new TreeMap<>();
    route.headers.forEach(
        (header, value) -> {
          header(key + ".headers", header, value);
          headers.put(header.toLowerCase(Locale.ROOT), value);
        });
    checks.expect(
        route.roles.isEmpty() || route.auth == Route.Auth.TOKEN,
        key + ".roles",
        route.roles,
        "no roles with auth: none");
    headers(key + ".request-headers", route.requestHeaders);
    headers(key + ".response-headers", route.responseHeaders);
    optional(key + ".answer-timeout", route.answerTimeout);
    optional(key + ".idle-timeout", route.idleTimeout);
    optional(key + ".total-timeout", route.totalTimeout);
    if (route.fallback != null) {
      fallback(key + ".fallback", route.fallback);
    }
    try {
      PathPattern path = PathPattern.parse(route.path);
      rewrite(key, route, path);
      return new Rule(name, host, path, Set.copyOf(route.methods), headers);
    } catch (IllegalArgumentException e) {
      checks.expect(false, key + ".path", route.path, String.valueOf(e.getMessage()));
      return null;
    }
  }

  private void rewrite(String key, RouteYaml route, PathPattern path) {
    checks.expect(
        route.stripPrefix == null || route.rewrite == null,
        key + ".rewrite",
        String.valueOf(route.rewrite),
        "either strip-prefix or rewrite");
    if (route.stripPrefix != null) {
      try {
        var unused = Rewrite.strip(route.stripPrefix, path);
      } catch (IllegalArgumentException e) {
        checks.expect(
            false, key + ".strip-prefix", route.stripPrefix, String.valueOf(e.getMessage()));
      }
    }
    if (route.rewrite != null) {
      try {
        var unused = Rewrite.to(route.rewrite, path);
      } catch (IllegalArgumentException e) {
        checks.expect(false, key + ".rewrite", route.rewrite, String.valueOf(e.getMessage()));
      }
    }
    if (route.customerParameter != null) {
      checks.expect(
          path.indexOf(route.customerParameter) >= 0,
          key + ".customer-parameter",
          route.customerParameter,
          "a parameter of the route's path");
    }
  }

  private void fallback(String key, FallbackYaml fallback) {
    checks.between(key + ".status", fallback.status, 200, 599);
    checks.expect(
        FIELD_VALUE.matcher(fallback.contentType).matches(),
        key + ".content-type",
        fallback.contentType,
        "a media type");
    checks.expect(
        fallback.body.length() <= MOST_FALLBACK,
        key + ".body",
        fallback.body.length() + " characters",
        "at most " + MOST_FALLBACK);
    fallback.headers.forEach((header, value) -> header(key + ".headers", header, value));
  }

  private void headers(String key, HeadersYaml headers) {
    headers.remove.forEach(header -> header(key + ".remove", header, ""));
    headers.set.forEach((header, value) -> header(key + ".set", header, value));
    headers.add.forEach((header, value) -> header(key + ".add", header, value));
  }

  private void header(String key, String header, String value) {
    checks.expect(TOKEN.matcher(header).matches(), key, header, "a header's name");
    checks.expect(
        !OURS.contains(header.toLowerCase(Locale.ROOT)),
        key,
        header,
        "no header that belongs to the connection");
    checks.expect(
        FIELD_VALUE.matcher(value).matches(), key + "." + header, value, "printable ASCII");
  }

  private void name(String key, String name) {
    checks.expect(
        NAME.matcher(name).matches(), key, name, "letters, digits, dots, dashes; at most 64");
  }

  private void statuses(String key, Set<Integer> statuses) {
    // Exchange and Attempt look at no status below.
    statuses.forEach(status -> checks.between(key, status, 400, 599));
  }

  private void optional(String key, @Nullable Duration value) {
    if (value != null) {
      within(key, value, Duration.ofDays(1));
    }
  }

  private void within(String key, Duration value, Duration most) {
    checks.expect(
        value.toMillis() >= 1 && value.compareTo(most) <= 0,
        key,
        shown(value),
        "1ms to " + most.toSeconds() + "s");
  }

  private static String shown(Duration value) {
    return value.toMillis() % 1_000 == 0 ? value.toSeconds() + "s" : value.toMillis() + "ms";
  }

  /** Rules that no request tells apart have the same. */
  private Object sameness(Rule rule) {
    List<String> path =
        rule.path().segments().stream()
            .map(
                segment ->
                    segment.startsWith(PathPattern.PARAMETER) ? PathPattern.PARAMETER : segment)
            .toList();
    return List.of(path, rule.path().prefix(), rule.host(), rule.methods(), rule.headers());
  }

  private static boolean isEndpoint(String url) {
    try {
      URI uri = new URI(url);
      return ("http".equals(uri.getScheme()) || "https".equals(uri.getScheme()))
          && uri.getHost() != null
          && uri.getRawUserInfo() == null
          && (uri.getRawPath() == null || uri.getRawPath().isEmpty())
          && uri.getRawQuery() == null
          && uri.getRawFragment() == null
          && uri.getPort() != 0
          && uri.getPort() <= 65_535;
    } catch (URISyntaxException e) {
      return false;
    }
  }
}
