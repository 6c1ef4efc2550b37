package io.tidegate.routing;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.tidegate.platform.ConfigurationException;
import io.tidegate.platform.Problem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RouteFileTest {
  private static final String GOOD =
      """
      upstreams:
        sample:
          endpoints: ["http://127.0.0.1:${port:9000}"]
      routes:
        demo:
          path: /demo/*
          upstream: sample
      """;

  @TempDir Path folder;

  private static RouteFile.Checked parse(String text) {
    return RouteFile.parse("routes.yaml", text.getBytes(UTF_8), Map.of("SET", "value"));
  }

  private static List<Problem> problems(String text) {
    @Nullable ConfigurationException bad =
        catchThrowableOfType(ConfigurationException.class, () -> parse(text));
    return bad == null ? List.of() : bad.problems();
  }

  @Test
  void leftOutKeysHaveTheirDefaults() {
    RoutesYaml yaml = parse(GOOD).yaml();
    RoutesYaml.UpstreamYaml upstream = yaml.upstreams.get("sample");
    assertThat(upstream.endpoints).containsExactly("http://127.0.0.1:9000");
    assertThat(upstream.balance).isEqualTo(Balance.LEAST_REQUESTS);
    assertThat(upstream.answerTimeout).isEqualTo(Duration.ofSeconds(5));
    assertThat(upstream.breaker.window).isEqualTo(10);
    assertThat(upstream.breaker.failureRatio).isEqualTo(0.5);
    assertThat(upstream.breaker.openFor).isEqualTo(Duration.ofSeconds(30));
    assertThat(upstream.healthCheck).isNull();
    RoutesYaml.RouteYaml route = yaml.routes.get("demo");
    assertThat(route.auth).isEqualTo(Route.Auth.TOKEN);
    assertThat(route.forwardAuthorization).isTrue();
    assertThat(route.fallback).isNull();
  }

  @Test
  void everyKeyIsRead() {
    RoutesYaml yaml =
        parse(
                """
                upstreams:
                  u:
                    endpoints: ["http://a:1", "https://b"]
                    balance: customer-hash
                    connect-timeout: 2s
                    answer-timeout: 3s
                    idle-timeout: 4s
                    connections: 5
                    queue: 6
                    keep-alive: 7s
                    avoid-for: 8s
                    retry: {attempts: 1, budget: 0.5, per-second: 2, statuses: [503]}
                    breaker: {window: 20, failure-ratio: 0.9, open-for: 10s, statuses: [500]}
                    health-check: {path: /h, interval: 2s, timeout: 100ms, failures: 3, successes: 4}
                routes:
                  r:
                    path: /c/{id}/*
                    host: "*.Example.com"
                    methods: [GET, POST]
                    headers: {X-Version: 2}
                    upstream: u
                    auth: token
                    roles: [agent]
                    rewrite: /api/{id}/*
                    preserve-host: true
                    forward-authorization: false
                    customer-parameter: id
                    request-headers: {remove: [a], set: {b: c}, add: {d: e}}
                    response-headers: {remove: [f], set: {g: h}, add: {i: "$$"}}
                    answer-timeout: 1s
                    idle-timeout: 2s
                    total-timeout: 3s
                    fallback: {status: 203, content-type: text/plain, headers: {j: "${set}"}, body: k}
                """)
            .yaml();
    RoutesYaml.UpstreamYaml u = yaml.upstreams.get("u");
    assertThat(u.balance).isEqualTo(Balance.CUSTOMER_HASH);
    assertThat(List.of(u.connectTimeout, u.answerTimeout, u.idleTimeout, u.keepAlive, u.avoidFor))
        .extracting(Duration::toSeconds)
        .containsExactly(2L, 3L, 4L, 7L, 8L);
    assertThat(List.of(u.connections, u.queue, u.retry.attempts, u.retry.perSecond))
        .containsExactly(5, 6, 1, 2);
    assertThat(u.retry.statuses).containsExactly(503);
    assertThat(u.breaker.statuses).containsExactly(500);
    assertThat(u.healthCheck).isNotNull();
    assertThat(u.healthCheck.failures).isEqualTo(3);
    RoutesYaml.RouteYaml r = yaml.routes.get("r");
    assertThat(r.roles).containsExactly("agent");
    assertThat(r.requestHeaders.remove).containsExactly("a");
    assertThat(r.responseHeaders.add).containsEntry("i", "$");
    assertThat(r.totalTimeout).isEqualTo(Duration.ofSeconds(3));
    assertThat(r.fallback).isNotNull();
    assertThat(r.fallback.headers).containsEntry("j", "value");
    Rule rule = parse(GOOD.replace("/demo/*", "/x")).rules().getFirst();
    assertThat(rule).isEqualTo(new Rule("demo", "", PathPattern.parse("/x"), Set.of(), Map.of()));
  }

  @Test
  void allProblemsAreToldAtOnceWithKeyValueAndExpected() {
    List<Problem> problems =
        problems(
            """
            upstreams:
              sample:
                endpoints: ["ftp://x", "http://a:1/path", "http://h:1", "http://h:1", "http://127.0.0.1:${no.such.port}"]
                balance: fastest
                answer-timeout: soon
                connections: many
                retry: {budget: 2}
                breaker: [1]
                colour: red
              empty: {}
            routes:
              one:
                path: demo
                upstream: nowhere
                auth: maybe
                strip-prefix: /other
              two:
                path: /a/{id}
                upstream: sample
                rewrite: /b/{name}
                methods: [get]
                roles: [agent]
                auth: none
                request-headers: {set: {"bad name": x, Content-Length: "1"}}
                fallback: {status: 99}
                host:
              three:
                path: /x/{id}
                upstream: sample
              four:
                path: /x/{other}
                upstream: sample
            rotes: {}
            """);
    assertThat(problems)
        .extracting(Problem::key)
        .contains(
            "upstreams.sample.endpoints[0]",
            "upstreams.sample.endpoints[1]",
            "upstreams.sample.endpoints[3]",
            "upstreams.sample.endpoints[4]",
            "upstreams.sample.balance",
            "upstreams.sample.answer-timeout",
            "upstreams.sample.connections",
            "upstreams.sample.retry.budget",
            "upstreams.sample.breaker",
            "upstreams.sample.colour",
            "upstreams.empty.endpoints",
            "routes.one.path",
            "routes.one.upstream",
            "routes.one.auth",
            "routes.two.rewrite",
            "routes.two.methods",
            "routes.two.roles",
            "routes.two.request-headers.set",
            "routes.two.fallback.status",
            "routes.two.host",
            "routes.four",
            "rotes");
    assertThat(problems).extracting(Problem::file).containsOnly("routes.yaml");
    assertThat(problems)
        .extracting(Problem::toString)
        .contains(
            "routes.yaml: upstreams.sample.answer-timeout: soon (expected: a duration such as 500ms, 5s or 1h)",
            "routes.yaml: upstreams.sample.balance: fastest (expected: least-requests or customer-hash)",
            "routes.yaml: upstreams.sample.retry.budget: 2.0 (expected: 0 to 1)",
            "routes.yaml: routes.one.path: demo (expected: a path that starts with a slash)",
            "routes.yaml: routes.four: /x/{other} (expected: another path, host, method or header than three)");
    assertThat(problems)
        .filteredOn(problem -> problem.key().equals("rotes"))
        .extracting(Problem::expected)
        .containsExactly("one of routes, upstreams");
  }

  @Test
  void whatIsNotYamlIsToldWithItsLine() {
    assertThat(problems("routes: [a, b\nx: }"))
        .singleElement()
        .satisfies(p -> assertThat(p.value()).contains("line 2"));
    assertThat(problems("")).hasSize(1);
    assertThat(problems("just text")).hasSize(1);
    assertThat(problems(GOOD + "  demo:\n    path: /\n")).as("a key twice").hasSize(1);
  }

  @Test
  void aFileThatIsNotThereIsAProblem() throws IOException {
    assertThat(new RouteFile(folder.resolve("none.yaml"), Map.of()).check())
        .singleElement()
        .satisfies(problem -> assertThat(problem.expected()).contains("exists"));
    Path file = Files.writeString(folder.resolve("routes.yaml"), GOOD);
    assertThat(new RouteFile(file, Map.of()).check()).isEmpty();
    Files.write(file, new byte[5 << 20]);
    assertThat(new RouteFile(file, Map.of()).check())
        .singleElement()
        .satisfies(p -> assertThat(p.expected()).contains("at most"));
  }

  @Test
  void theShippedFileIsGood() {
    assertThat(new RouteFile(Path.of("../../conf/routes.yaml"), Map.of()).check()).isEmpty();
  }

  @Test
  void nodesReadTheSameAsTheFarSideWithoutFillingInAgain() throws IOException {
    RouteFile.Checked first =
        parse(GOOD.replace("/demo/*", "/demo/*\n    headers: {x: \"$${set}\"}"));
    byte[] onTheBus = RoutesReader.JSON.writeValueAsBytes(first.source());
    RouteFile.Checked second = RouteFile.parse("snapshot", onTheBus, null);
    assertThat(second.source()).isEqualTo(first.source());
    assertThat(second.rules()).isEqualTo(first.rules());
    assertThat(second.rules().getFirst().headers()).containsEntry("x", "${set}");
  }

  @Test
  void brokenFilesAreRefusedNotThrownAt() {
    Random random = new Random(23);
    String alphabet = "{}[]:,\"'\n -#&*!|>%@`a1$";
    for (int i = 0; i < 3_000; i++) {
      StringBuilder text = new StringBuilder(GOOD);
      for (int j = random.nextInt(4); j >= 0; j--) {
        int at = random.nextInt(text.length());
        if (random.nextBoolean()) {
          text.setCharAt(at, alphabet.charAt(random.nextInt(alphabet.length())));
        } else {
          text.delete(at, Math.min(text.length(), at + random.nextInt(20)));
        }
      }
      // Either good, or refused with problems; anything else thrown fails the test.
      assertThat(problems(text.toString()))
          .allSatisfy(problem -> assertThat(problem.expected()).isNotEmpty());
    }
  }

  @Test
  void pathsAreRewritten() {
    PathPattern pattern = PathPattern.parse("/customer/{id}/*");
    assertThat(Rewrite.strip("/customer", pattern).apply("/customer/a%20b/x"))
        .isEqualTo("/a%20b/x");
    assertThat(Rewrite.to("/api/{id}/profile", pattern).apply("/customer/42/x"))
        .isEqualTo("/api/42/profile");
    assertThat(Rewrite.to("/v2/*", pattern).apply("/customer/42")).isEqualTo("/v2");
    assertThat(Rewrite.to("/v2/*", pattern).apply("/customer/42/")).isEqualTo("/v2/");
    assertThat(Rewrite.to("/*", pattern).apply("/customer/42/a%2Eb/c")).isEqualTo("/a%2Eb/c");
    assertThat(Rewrite.to("/*", pattern).apply("/customer/42")).isEqualTo("/");
    assertThat(Rewrite.strip("/demo", PathPattern.parse("/demo/*")).apply("/demo")).isEqualTo("/");
    assertThat(Rewrite.NONE.apply("/x")).isEqualTo("/x");
  }
}
