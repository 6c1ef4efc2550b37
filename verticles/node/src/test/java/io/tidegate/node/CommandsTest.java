package io.tidegate.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidegate.simulate.DevToken;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
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
