package io.tidegate.load;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

class LoadCommandTest {
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  private int load(String... arguments) {
    CommandLine command = LoadCommand.commandLine();
    command.setOut(new PrintWriter(out)).setErr(new PrintWriter(err));
    return command.execute(arguments);
  }

  @Test
  void helpNamesEveryScenario() {
    assertThat(load("--help")).isZero();
    assertThat(out.toString())
        .contains(
            "peak-day",
            "flash-sale",
            "firehose",
            "profile-read",
            "mini-program",
            "soak",
            "failover",
            "seed");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "peak-day --rate 0|--rate: 0.0 (expected: 1 to 1000000)",
        "peak-day --requests 5|--requests: 5 (expected: 10 to 1000000000)",
        "peak-day --duration 5s|--duration: not with peak-day",
        "profile-read --url nowhere|--url: nowhere (expected: http://host:port)",
        "profile-read --management http://127.0.0.1:1/x|--management: http://127.0.0.1:1/x",
        "profile-read --p99 0|--p99: 0 (expected: at least 1)",
        "flash-sale --duration 5s|--duration: 5 s (expected: more than 5 s)",
        "flash-sale --users 3|--users: 3 (expected: more than the 3 scalpers)",
        "flash-sale --limit 0|--limit: 0 (expected: at least 1)",
        "flash-sale --burst 0|--burst: 0 (expected: at least 1)",
        "firehose --batch-size 0|--batch-size: 0 (expected: 1 to 2500)",
        "mini-program --cuts 1|--cuts: 1.0 (expected: 0 to 0.05)",
        "mini-program --url https://a:1|--url: https://a:1 (expected: http;",
        "failover --nodes 1|--nodes: 1 (expected: 2 to 9)",
        "failover --url http://127.0.0.1:1|--url: not with failover",
        "profile-read --users 0|--users: 0 (expected: 1 to 100000)",
        "profile-read --customers 0|--customers: 0 (expected: 1 to 8000000)",
        "profile-read --duration 10ms|--duration: 10ms (expected: at least 1s)",
        "profile-read --route hello|--route: hello (expected: a path, /...)",
        "seed --customers -1|--customers: -1 (expected: 1 to 8000000)",
      })
  void whatMakesNoSenseIsWrongUsage(String arguments, String message) {
    assertThat(load(arguments.split(" "))).isEqualTo(2);
    assertThat(err.toString()).contains(message);
  }

  @Test
  void withoutAKeyOrATokenItSaysSoInOneLine(@TempDir Path empty) {
    assertThat(load("profile-read", "--data-dir", empty.toString())).isEqualTo(1);
    assertThat(err.toString()).startsWith("load: no --token, and none can be signed:");
    assertThat(err.toString().lines()).hasSize(1);
  }

  @Test
  void aGatewayThatIsNotThereIsOneLine() {
    assertThat(load("profile-read", "--token", "x", "--url", "http://127.0.0.1:1")).isEqualTo(1);
    assertThat(err.toString())
        .startsWith("load: http://127.0.0.1:1: ")
        .contains("is the node running?");
    assertThat(err.toString().lines()).hasSize(1);
  }

  @Test
  void seedNeedsADatabase(@TempDir Path empty) {
    assertThat(load("seed", "--data-dir", empty.toString())).isEqualTo(1);
    assertThat(err.toString()).contains("no Postgres of `up` is known in");

    assertThat(load("seed", "--postgres-uri", "postgresql://127.0.0.1:1/x")).isEqualTo(1);
    assertThat(err.toString()).contains("expected: postgresql://user:password@host:port/database");
  }
}
