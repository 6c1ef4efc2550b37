package io.tidegate.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidegate.simulate.DevToken;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** The commands that start nothing: what they print where, and their exit codes. */
class CommandsTest {
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @TempDir Path directory;

  @Test
  void theConfigurationThatComesWithUsHasNoProblems() {
    assertThat(run("check-config", "--conf", "../../conf")).isZero();
    assertThat(out).hasToString("../../conf: no problems\n");
  }

  @Test
  void checkConfigPrintsEveryProblemOfAllThreeFiles() throws IOException {
    Files.writeString(
        directory.resolve("tidegate.yaml"),
        """
        edge:
          port: 99999
          max-in-flight: -1
          trusted-proxies: [nonsense]
        auth:
          write_keys: {web: hunter2}
        postgres:
          uri: postgresql://u:hunter2%zz@h:x/db
        """);
    Files.writeString(
        directory.resolve("limits.yaml"),
        """
        limits:
          policies:
            everybody: {by: address, limit: 0, period: 60s}
        """);
    Files.writeString(
        directory.resolve("routes.yaml"),
        """
        routes:
          shop: {path: /shop/*, upstream: absent}
        """);
    assertThat(run("check-config", "--conf", directory.toString())).isEqualTo(1);
    assertThat(out.toString())
        .contains(
            "tidegate.yaml: edge.port: 99999 (expected: 0 to 65535)",
            "tidegate.yaml: edge.max-in-flight: -1",
            "edge.trusted-proxies",
            "auth.write_keys.web: ***",
            "postgres.uri: ***",
            "limits.yaml: limits.policies.everybody",
            "routes.yaml",
            "absent",
            " problems\n")
        .doesNotContain("hunter2");
    assertThat(err.toString()).isEmpty();
  }

  @Test
  void checkConfigSpeaksOfVariablesOverAllThreeFiles() throws IOException {
    Files.writeString(
        directory.resolve("tidegate.yaml"),
        """
        auth:
          write-keys: {web: "hunter2${hunter2}"}
          jwks: ${JWKS}
        projection:
          tags: [{tag: buyer, when: purchases > 0}]
        """);
    Files.copy(Path.of("../../conf/limits.yaml"), directory.resolve("limits.yaml"));
    Files.copy(Path.of("../../conf/routes.yaml"), directory.resolve("routes.yaml"));
    CommandLine checkConfig =
        new CommandLine(
            new CheckConfigCommand(
                Map.of(
                    "TIDEGATE_EDGE_PORT", "many",
                    "TIDEGATE_POSTGRES_URI", "postgresql://u:hunter2${hunter2}@db/t",
                    "TIDEGATE_PROJECTION_TAGS_0__WHEN", "purchases >",
                    "TIDEGATE_PROJECTION_TAGS_0_WHEN", "hunter2",
                    "TIDEGATE_LIMITS_POLICIES_PER_USER_LIMIT", "0",
                    "TIDEGATE_ROUTES_DEMO_AUTH", "maybe",
                    "TIDEGATE_ROUTES_DEMOO_AUTH", "hunter2",
                    "TIDEGATE_UPSTREAMS_SAMPLE_ENDPOINTS_0_", "http://u:hunter2@crm")));
    checkConfig.setOut(new PrintWriter(out)).setErr(new PrintWriter(err));
    assertThat(checkConfig.execute("--conf", directory.toString())).isEqualTo(1);
    assertThat(out.toString())
        .contains(
            "tidegate.yaml: auth.write-keys.web: *** (expected: for each ${...} a key",
            "tidegate.yaml: auth.jwks: ${JWKS} (expected: for each ${...} a key",
            "environment: TIDEGATE_EDGE_PORT: many (expected: an integer value)",
            "environment: TIDEGATE_POSTGRES_URI: *** (expected: for each ${...} a key",
            "environment: TIDEGATE_PROJECTION_TAGS_0__WHEN: purchases > (expected: ",
            "environment: TIDEGATE_PROJECTION_TAGS_0_WHEN: *** (expected: TIDEGATE_ and a known key in"
                + " capitals, did you mean TIDEGATE_PROJECTION_TAGS_0__WHEN?)",
            "environment: TIDEGATE_LIMITS_POLICIES_PER_USER_LIMIT: 0 (expected: ",
            "environment: TIDEGATE_ROUTES_DEMO_AUTH: maybe (expected: token or none)",
            "environment: TIDEGATE_ROUTES_DEMOO_AUTH: *** (expected: TIDEGATE_ROUTES_DEMO_ or ",
            "environment: TIDEGATE_UPSTREAMS_SAMPLE_ENDPOINTS_0_: http://***@crm (expected: http://",
            "10 problems\n")
        .doesNotContain("hunter2");
  }

  @Test
  void filesThatAreNotThereAreProblems() throws IOException {
    assertThat(run("check-config", "--conf", directory.toString())).isEqualTo(1);
    assertThat(out.toString())
        .contains("tidegate.yaml: (file): missing", "limits.yaml: (file): missing", "routes.yaml");
    try (Stream<Path> files = Files.list(Path.of("../../conf"))) {
      for (Path file : files.toList()) {
        Files.copy(file, directory.resolve(file.getFileName()));
      }
    }
    assertThat(run("check-config", "--conf", directory.toString())).isZero();
    Files.delete(directory.resolve("limits.yaml"));
    out.getBuffer().setLength(0);
    assertThat(run("check-config", "--conf", directory.toString())).isEqualTo(1);
    assertThat(out.toString()).startsWith("limits.yaml: (file): missing").endsWith("1 problem\n");
  }

  @Test
  void nodeRefusesTheSameConfigurationInWords() {
    assertThat(run("node", "--conf", directory.toString())).isEqualTo(1);
    assertThat(err.toString())
        .startsWith("tidegate: the configuration has problems:\n  ")
        .contains("limits.yaml: (file): missing")
        .doesNotContain("\tat ");
  }

  @Test
  void tokenPrintsTheTokenAndNothingElse() throws IOException {
    DevKeys.in(directory);
    assertThat(run("token", "--sub", "ada", "--data-dir", directory.toString())).isZero();
    assertThat(out.toString()).matches("[\\w-]+\\.[\\w-]+\\.[\\w-]+\n");
    assertThat(err.toString()).isEmpty();
  }

  @Test
  void aNewKeyIsToldBesideTheToken() {
    Path fresh = directory.resolve("fresh");
    assertThat(run("token", "--sub", "ada", "--data-dir", fresh.toString())).isZero();
    assertThat(out.toString()).matches("[\\w-]+\\.[\\w-]+\\.[\\w-]+\n");
    assertThat(err.toString()).contains(fresh + " had no signing key").hasLineCount(1);
    assertThat(fresh.resolve(DevToken.KEY_FILE)).exists();
  }

  @Test
  void helpShowsTheDefaultsOfUp() {
    assertThat(run("up", "--help")).isZero();
    assertThat(out.toString().replaceAll("\\s+", " "))
        .contains(
            "(default: TIDEGATE_EDGE_PORT, else edge.port of the configuration, else 8080)",
            "(default: TIDEGATE_MANAGEMENT_PORT, else management.port, else 8081)",
            "(default: TIDEGATE_POSTGRES_URI, else postgres.uri, else one is started)");
  }

  @Test
  void wrongUsageIsTwo() {
    for (List<String> wrong :
        List.of(
            List.of("token", "--sub", "ada", "--role", "king"),
            List.of("token"),
            List.of("token", "--sub", "ada", "--ttl", "soon"),
            List.of("nonsense"))) {
      out.getBuffer().setLength(0);
      assertThat(run(wrong.toArray(String[]::new))).as("%s", wrong).isEqualTo(2);
      assertThat(out.toString()).isEmpty();
    }
    assertThat(err.toString()).contains("king").contains("customer, agent, supervisor, admin");
  }

  private int run(String... arguments) {
    CommandLine commandLine = Tidegate.commandLine();
    return commandLine.setOut(new PrintWriter(out)).setErr(new PrintWriter(err)).execute(arguments);
  }
}
