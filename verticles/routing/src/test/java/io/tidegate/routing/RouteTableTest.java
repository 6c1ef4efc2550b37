package io.tidegate.routing;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class RouteTableTest {
  private static Rule rule(
      String name, String path, String host, Set<String> methods, Map<String, String> headers) {
    return new Rule(name, host, PathPattern.parse(path), methods, headers);
  }

  private static Rule rule(String path) {
    return rule(path, path, "", Set.of(), Map.of());
  }

  private static RouteTable<String> table(Rule... rules) {
    return new RouteTable<>(
        List.of(rules).stream().map(rule -> new RouteTable.Entry<>(rule, rule.name())).toList());
  }

  private static @Nullable String get(RouteTable<String> table, String path) {
    return table.match("any", path, "GET", header -> null);
  }

  @Test
  void aPrefixEndsAtASegment() {
    RouteTable<String> table = table(rule("/demo/*"));
    assertThat(get(table, "/demo")).isNotNull();
    assertThat(get(table, "/demo/")).isNotNull();
    assertThat(get(table, "/demo/a/b")).isNotNull();
    assertThat(get(table, "/demonstration")).isNull();
    assertThat(get(table, "/Demo")).isNull();
  }

  @Test
  void theLongestPathWins() {
    RouteTable<String> table =
        table(
            rule("/*"),
            rule("/a/*"),
            rule("/a/b"),
            rule("/a/b/*"),
            rule("/{x}/b/c"),
            rule("/a/{y}/d"));
    assertThat(get(table, "/z")).isEqualTo("/*");
    assertThat(get(table, "/")).isEqualTo("/*");
    assertThat(get(table, "/a")).isEqualTo("/a/*");
    assertThat(get(table, "/a/b")).isEqualTo("/a/b");
    assertThat(get(table, "/a/b/")).isEqualTo("/a/b/*");
    assertThat(get(table, "/a/b/c")).isEqualTo("/{x}/b/c");
    assertThat(get(table, "/a/q/d")).isEqualTo("/a/{y}/d");
    assertThat(get(table, "/a//d")).isEqualTo("/a/*");
  }

  @Test
  void exactHostBeforeLongerWildcardBeforeAny() {
    RouteTable<String> table =
        table(
            rule("any", "/*", "", Set.of(), Map.of()),
            rule("short", "/*", "*.example.com", Set.of(), Map.of()),
            rule("long", "/*", "*.eu.example.com", Set.of(), Map.of()),
            rule("exact", "/*", "a.eu.example.com", Set.of(), Map.of()));
    Function<String, @Nullable String> none = header -> null;
    assertThat(table.match("A.EU.example.com:8080", "/", "GET", none)).isEqualTo("exact");
    assertThat(table.match("a.eu.example.com.", "/", "GET", none)).isEqualTo("exact");
    assertThat(table.match("b.eu.example.com", "/", "GET", none)).isEqualTo("long");
    assertThat(table.match("b.us.example.com", "/", "GET", none)).isEqualTo("short");
    assertThat(table.match("example.com", "/", "GET", none)).isEqualTo("any");
    assertThat(table.match("badexample.com", "/", "GET", none)).isEqualTo("any");
    assertThat(RouteTable.hostOf("[::1]:80")).isEqualTo("[::1]");
  }

  @Test
  void methodAndHeadersNarrowAndFallThrough() {
    RouteTable<String> table =
        table(
            rule("plain", "/p/*", "", Set.of(), Map.of()),
            rule("write", "/p/*", "", Set.of("POST"), Map.of()),
            rule("beta", "/p/*", "", Set.of(), Map.of("x-version", "2")),
            rule("deep", "/p/q", "", Set.of("PUT"), Map.of("x-any", "*")));
    assertThat(table.match("h", "/p", "GET", Map.<String, String>of()::get)).isEqualTo("plain");
    assertThat(table.match("h", "/p", "POST", Map.<String, String>of()::get)).isEqualTo("write");
    assertThat(table.match("h", "/p", "GET", Map.of("x-version", "2")::get)).isEqualTo("beta");
    assertThat(table.match("h", "/p", "GET", Map.of("x-version", "3")::get)).isEqualTo("plain");
    assertThat(table.match("h", "/p/q", "PUT", Map.of("x-any", "z")::get)).isEqualTo("deep");
    assertThat(table.match("h", "/p/q", "PUT", Map.<String, String>of()::get)).isEqualTo("plain");
  }

  @Test
  void agreesWithTryingEveryRule() {
    Random random = new Random(11);
    String[] segments = {"a", "b", "c", "{x}", "{y}"};
    String[] hosts = {"", "", "a.x", "*.x", "*.a.x", "b.a.x"};
    for (int round = 0; round < 100; round++) {
      List<Rule> rules = new ArrayList<>();
      for (int i = 0; i < 30; i++) {
        StringBuilder path = new StringBuilder();
        List<String> used = new ArrayList<>();
        for (int j = random.nextInt(4); j > 0; j--) {
          String segment = segments[random.nextInt(segments.length)];
          path.append('/')
              .append(used.contains(segment) && segment.startsWith("{") ? "a" : segment);
          used.add(segment);
        }
        path.append(random.nextBoolean() ? "/*" : path.isEmpty() ? "/" : "");
        rules.add(
            rule(
                "r" + i,
                path.toString(),
                hosts[random.nextInt(hosts.length)],
                random.nextInt(3) == 0 ? Set.of("POST") : Set.of(),
                random.nextInt(4) == 0 ? Map.of("h", "1") : Map.of()));
      }
      RouteTable<String> table = table(rules.toArray(Rule[]::new));
      for (int i = 0; i < 100; i++) {
        StringBuilder path = new StringBuilder();
        for (int j = random.nextInt(4); j > 0; j--) {
          path.append('/').append("abcd".charAt(random.nextInt(4)));
        }
        if (path.isEmpty() || random.nextInt(5) == 0) {
          path.append('/');
        }
        String host = new String[] {"a.x", "b.a.x", "c.a.x", "x", "q"}[random.nextInt(5)];
        String method = random.nextBoolean() ? "GET" : "POST";
        Map<String, String> headers = random.nextBoolean() ? Map.of("h", "1") : Map.of();
        assertThat(table.match(host, path.toString(), method, headers::get))
            .as("%s %s%s of %s", method, host, path, rules)
            .isEqualTo(naive(rules, host, path.toString(), method, headers));
      }
    }
  }

  private static @Nullable String naive(
      List<Rule> rules, String host, String path, String method, Map<String, String> headers) {
    List<String> parts = List.of(path.substring(1).split("/", -1));
    return rules.stream()
        .filter(rule -> pathFits(rule.path(), parts))
        .filter(
            rule ->
                rule.host().isEmpty()
                    || rule.host().equals(host)
                    || (rule.isWildcard() && host.endsWith(rule.host().substring(1))))
        .filter(rule -> rule.methods().isEmpty() || rule.methods().contains(method))
        .filter(
            rule ->
                rule.headers().entrySet().stream()
                    .allMatch(e -> e.getValue().equals(headers.get(e.getKey()))))
        .min(
            Comparator.<Rule>comparingInt(
                    rule -> -2 * rule.path().segments().size() + (rule.path().prefix() ? 1 : 0))
                .thenComparing(
                    rule ->
                        String.join(
                            "",
                            rule.path().segments().stream()
                                .map(s -> s.startsWith("{") ? "1" : "0")
                                .toList()))
                .thenComparingInt(
                    rule ->
                        rule.host().isEmpty()
                            ? 1_000
                            : rule.isWildcard() ? 100 - rule.host().length() : 0)
                .thenComparingInt(rule -> rule.methods().isEmpty() ? 1 : 0)
                .thenComparingInt(rule -> -rule.headers().size())
                .thenComparing(Rule::name))
        .map(Rule::name)
        .orElse(null);
  }

  private static boolean pathFits(PathPattern pattern, List<String> parts) {
    int count = pattern.segments().size();
    if (pattern.prefix() ? parts.size() < count : parts.size() != count) {
      return false;
    }
    for (int i = 0; i < count; i++) {
      String segment = pattern.segments().get(i);
      if (segment.startsWith("{") ? parts.get(i).isEmpty() : !segment.equals(parts.get(i))) {
        return false;
      }
    }
    return true;
  }
}
