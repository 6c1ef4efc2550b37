package io.tidegate.routing;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.tidegate.platform.ConfigurationException;
import io.tidegate.platform.Problem;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RouteVariablesTest {
  private static final String FILE =
      """
      upstreams:
        sample:
          endpoints: ["http://a:1", "http://b:${absent:2}"]
        crm-eu:
          endpoints: ["http://${crm.host}:1"]
          breaker: {statuses: [500, 503]}
      routes:
        demo:
          path: /demo/*
          upstream: sample
          request-headers: {set: {X-From: us}}
        demo-private:
          path: /private/*
          upstream: crm-eu
        orders.v2:
          path: /orders/*
          upstream: sample
      """;

  private static final Map<String, String> CRM =
      Map.of("TIDEGATE_UPSTREAMS_CRM_EU_ENDPOINTS_0_", "http://crm:1");

  private static RoutesYaml read(Map<String, String> environment) {
    return RouteFile.parse("routes.yaml", FILE.getBytes(UTF_8), and(environment, CRM)).yaml();
  }

  private static List<Problem> problems(String file, Map<String, String> environment) {
    @Nullable ConfigurationException bad =
        catchThrowableOfType(
            ConfigurationException.class,
            () -> RouteFile.parse("routes.yaml", file.getBytes(UTF_8), environment));
    return bad == null ? List.of() : bad.problems();
  }

  private static List<Problem> problems(Map<String, String> environment) {
    return problems(FILE, and(environment, CRM));
  }

  private static Map<String, String> and(Map<String, String> some, Map<String, String> more) {
    Map<String, String> all = new HashMap<>(more);
    all.putAll(some);
    return all;
  }

  @Test
  void valuesOfEachTypeAreSetByName() {
    RoutesYaml yaml =
        read(
            Map.ofEntries(
                Map.entry("TIDEGATE_UPSTREAMS_SAMPLE_BALANCE", "customer-hash"),
                Map.entry("TIDEGATE_UPSTREAMS_SAMPLE_ANSWER_TIMEOUT", "250ms"),
                Map.entry("TIDEGATE_UPSTREAMS_SAMPLE_CONNECTIONS", "7"),
                Map.entry("TIDEGATE_UPSTREAMS_SAMPLE_RETRY_BUDGET", "0.5"),
                Map.entry("TIDEGATE_UPSTREAMS_SAMPLE_HEALTH_CHECK_PATH", "/health"),
                Map.entry("TIDEGATE_ROUTES_DEMO_AUTH", "none"),
                Map.entry("TIDEGATE_ROUTES_DEMO_PRESERVE_HOST", "true"),
                Map.entry("TIDEGATE_ROUTES_DEMO_HOST", ""),
                Map.entry("TIDEGATE_ROUTES_DEMO_PRIVATE_PATH", "/hidden"),
                Map.entry("TIDEGATE_ROUTES_DEMO_PRIVATE_ROLES", "agent,admin"),
                Map.entry("TIDEGATE_ROUTES_ORDERS_V2_TOTAL_TIMEOUT", "9s"),
                Map.entry("TIDEGATE_ROUTES_DEMO_REQUEST_HEADERS_SET_X_FROM", "them"),
                Map.entry("TIDEGATE_ROUTES_DEMO_REQUEST_HEADERS_SET_X_API_KEY", "a$b${c}$$"),
                Map.entry("TIDEGATE_ROUTES_DEMO_FALLBACK_STATUS", "203"),
                Map.entry("PATH", "/bin")));
    RoutesYaml.UpstreamYaml sample = yaml.upstreams.get("sample");
    assertThat(sample.balance).isEqualTo(Balance.CUSTOMER_HASH);
    assertThat(sample.answerTimeout).isEqualTo(Duration.ofMillis(250));
    assertThat(sample.connections).isEqualTo(7);
    assertThat(sample.retry.budget).isEqualTo(0.5);
    assertThat(sample.healthCheck).isNotNull();
    assertThat(sample.healthCheck.path).isEqualTo("/health");
    RoutesYaml.RouteYaml demo = yaml.routes.get("demo");
    assertThat(demo.auth).isEqualTo(Route.Auth.NONE);
    assertThat(demo.preserveHost).isTrue();
    assertThat(demo.requestHeaders.set)
        .containsOnly(Map.entry("X-From", "them"), Map.entry("x-api-key", "a$b${c}$$"));
    assertThat(demo.fallback).isNotNull();
    assertThat(demo.fallback.status).isEqualTo(203);
    assertThat(yaml.routes.get("demo-private").path).isEqualTo("/hidden");
    assertThat(yaml.routes.get("demo-private").roles).containsExactlyInAnyOrder("agent", "admin");
    assertThat(yaml.routes.get("orders.v2").totalTimeout).isEqualTo(Duration.ofSeconds(9));
    assertThat(yaml.routes).containsOnlyKeys("demo", "demo-private", "orders.v2");
  }

  @Test
  void anElementLeavesTheOthersAndAWholeListIsReplaced() {
    RoutesYaml yaml =
        read(
            Map.of(
                "TIDEGATE_UPSTREAMS_SAMPLE_ENDPOINTS_0_", "http://new:1",
                "TIDEGATE_UPSTREAMS_SAMPLE_ENDPOINTS_2_", "http://c:3",
                "TIDEGATE_UPSTREAMS_CRM_EU_BREAKER_STATUSES_1_", "502"));
    assertThat(yaml.upstreams.get("sample").endpoints)
        .containsExactly("http://new:1", "http://b:2", "http://c:3");
    assertThat(yaml.upstreams.get("crm-eu").breaker.statuses).containsExactlyInAnyOrder(500, 502);
    yaml =
        read(
            Map.of(
                "TIDEGATE_UPSTREAMS_SAMPLE_ENDPOINTS", "http://x:1,http://y:2",
                "TIDEGATE_UPSTREAMS_SAMPLE_ENDPOINTS_1_", "http://z:3"));
    assertThat(yaml.upstreams.get("sample").endpoints).containsExactly("http://x:1", "http://z:3");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "TIDEGATE_UPSTREAMS_SAMPLE_ANSWER_TIMEOUT | soon | a duration such as 500ms, 5s or 1h",
        "TIDEGATE_UPSTREAMS_SAMPLE_CONNECTIONS | many | a whole number",
        "TIDEGATE_UPSTREAMS_SAMPLE_CONNECTIONS | 0 | 1 to 65536",
        "TIDEGATE_UPSTREAMS_SAMPLE_CONNECTIONS | '' | a value",
        "TIDEGATE_UPSTREAMS_SAMPLE_ENDPOINTS_1_ | ftp://b | http://host:port or https://host:port",
        "TIDEGATE_UPSTREAMS_SAMPLE_ENDPOINTS_3_ | http://d:1 | an index of 0 to 2",
        "TIDEGATE_UPSTREAMS_SAMPLE_BREAKER_STATUSES_0_ | 500 | a list in routes.yaml, or all of it by"
            + " TIDEGATE_UPSTREAMS_SAMPLE_BREAKER_STATUSES",
        "TIDEGATE_ROUTES_DEMO_METHODS | get | methods in capitals",
        "TIDEGATE_ROUTES_DEMO_UPSTREAM | nowhere | one of upstreams: sample, crm-eu",
        "TIDEGATE_ROUTES_DEMO_PRIVATE_PATH | /demo/* | another path, host, method or header than demo",
      })
  void problemsNameTheVariableTheValueAndWhatWasExpected(
      String variable, String value, String expected) {
    assertThat(problems(Map.of(variable, value)))
        .singleElement()
        .satisfies(
            problem -> {
              assertThat(problem.file()).isEqualTo("environment");
              assertThat(problem.key()).isEqualTo(variable);
              assertThat(problem.value()).isEqualTo(value);
              assertThat(problem.expected()).startsWith(expected);
            });
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "TIDEGATE_ROUTES_DEMO_PTH",
        "TIDEGATE_ROUTES_DEMOO_PATH",
        "TIDEGATE_ROUTES_0__PATH",
        "TIDEGATE_ROUTES_DEMO",
        "TIDEGATE_ROUTES_DEMO_METHODS_00_",
        "TIDEGATE_UPSTREAMS_SAMPLE_ENDPOINTS_0",
        "TIDEGATE_UPSTREAMS_",
        "TIDEGATE_UPSTREAMS_OTHER_ENDPOINTS",
      })
  void unknownOnesAreRefusedWithoutTheirValue(String variable) {
    assertThat(problems(Map.of(variable, "hunter2")))
        .singleElement()
        .satisfies(
            problem -> {
              assertThat(problem.toString()).startsWith("environment: " + variable + ": ***");
              assertThat(problem.expected())
                  .contains(
                      variable.startsWith("TIDEGATE_ROUTES_")
                          ? "TIDEGATE_ROUTES_DEMO_ or TIDEGATE_ROUTES_DEMO_PRIVATE_"
                          : "TIDEGATE_UPSTREAMS_SAMPLE_ or TIDEGATE_UPSTREAMS_CRM_EU_");
            });
  }

  @Test
  void oneThatMayMeanTwoRoutesIsRefused() {
    String twins = FILE.replace("demo-private", "orders-v2");
    assertThat(problems(twins, and(CRM, Map.of("TIDEGATE_ROUTES_ORDERS_V2_PATH", "/x"))))
        .extracting(Problem::toString)
        .containsExactly(
            "environment: TIDEGATE_ROUTES_ORDERS_V2_PATH: *** (expected: a variable that can't mean"
                + " routes.orders-v2.path and routes.orders.v2.path)");
  }

  @Test
  void secretsAreNotShown() {
    assertThat(
            problems(
                FILE.replace(
                    "X-From: us", "X-From: \"hunter2${hunter2}\", x-key: \"hunter2\\u0001\""),
                Map.of(
                    "TIDEGATE_ROUTES_DEMO_REQUEST_HEADERS_SET_X_OTHER", "hunter2\u0001",
                    "TIDEGATE_UPSTREAMS_CRM_EU_ENDPOINTS", "http://u:hunter2/hunter2@crm:1",
                    "TIDEGATE_UPSTREAMS_SAMPLE_ENDPOINTS_0_", "https://u:hunter2@a/b@c")))
        .extracting(Problem::toString)
        .hasSize(5)
        .allSatisfy(problem -> assertThat(problem).contains("***").doesNotContain("hunter2"))
        .anySatisfy(problem -> assertThat(problem).contains("a value for each ${...}"));
  }

  @Test
  void whatAVariableReplacesNeedsNoValueInTheFile() {
    assertThat(problems(FILE, Map.of()))
        .singleElement()
        .satisfies(problem -> assertThat(problem.expected()).contains("crm.host"));
    assertThat(problems(FILE, CRM)).isEmpty();
    assertThat(problems(FILE, Map.of("CRM_HOST", "crm"))).isEmpty();
  }

  @Test
  void reloadsAreUnderTheSameVariables(@TempDir Path folder) throws Exception {
    Path file = Files.writeString(folder.resolve("routes.yaml"), FILE);
    Map<String, String> environment = and(CRM, Map.of("TIDEGATE_ROUTES_DEMO_PATH", "/elsewhere/*"));
    RouteFile routes = new RouteFile(file, environment);
    assertThat(routes.read().yaml().routes.get("demo").path).isEqualTo("/elsewhere/*");
    Files.writeString(file, FILE.replace("X-From: us", "X-From: anybody"));
    RoutesYaml.RouteYaml demo = routes.read().yaml().routes.get("demo");
    assertThat(demo.path).isEqualTo("/elsewhere/*");
    assertThat(demo.requestHeaders.set).containsEntry("X-From", "anybody");
    Files.writeString(file, FILE.replace("demo:", "renamed:"));
    assertThat(catchThrowableOfType(ConfigurationException.class, routes::read))
        .hasMessageStartingWith("environment: TIDEGATE_ROUTES_DEMO_PATH: ***");
  }
}
