package io.tidegate.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidegate.devstack.Await;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code up} as its user meets it: what it prints works, and nothing stays behind. */
class UpIT {
  @TempDir Path directory;

  @Test
  void whatItPrintsWorksDataSurviveAndNothingStaysBehind() throws Exception {
    int port = RunningNode.freePort();
    int managementPort = RunningNode.freePort();
    String[] arguments = {
      "up",
      "--port",
      "" + port,
      "--management-port",
      "" + managementPort,
      "--data-dir",
      directory.resolve("data").toString()
    };
    RunningUp up = new RunningUp(directory, "first", arguments);
    up.awaitReady();
    assertThat(up.output())
        .contains("postgres  starting", "redis     starting", "kafka     starting")
        .contains("postgres  ready in", "redis     ready in", "kafka     ready in")
        .doesNotContain("tidegate:tidegate@");
    List<String> commands = up.output().lines().filter(line -> line.startsWith("curl ")).toList();
    assertThat(commands).hasSize(5);
    assertThat(shell(commands.get(0))).isEqualTo("{\"success\":true}");
    assertThat(shell(commands.get(1))).isEqualTo("{\"success\":true}");
    Await.until(
        "the profile counts both",
        Duration.ofSeconds(10),
        () -> shell(commands.get(2)).contains("\"purchases\":1"));
    assertThat(shell(commands.get(3))).contains("hello").doesNotContain("urn:");
    assertThat(shell(commands.get(4))).contains("tidegate_edge_requests");

    RunningUp second =
        new RunningUp(
            directory,
            "second",
            "up",
            "--port",
            "" + RunningNode.freePort(),
            "--management-port",
            "" + RunningNode.freePort(),
            "--data-dir",
            directory.resolve("data").toString());
    assertThat(second.exitCode()).isEqualTo(1);
    assertThat(second.output().lines().filter(line -> line.startsWith("tidegate: ")))
        .singleElement()
        .asString()
        .contains("in use");
    RunningUp third =
        new RunningUp(
            directory,
            "third",
            "up",
            "--port",
            "" + port,
            "--data-dir",
            directory.resolve("other").toString());
    assertThat(third.exitCode()).isEqualTo(1);
    assertThat(third.output()).contains("port " + port + " is taken");
    assertThatASecondOneWithoutDataOfItsOwnNeedsNoLock();

    // A call that would take a minute is under way, and all of it still ends in time.
    Process slow =
        new ProcessBuilder("curl", "-s", "http://127.0.0.1:" + port + "/demo/slow?ms=60000")
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve("slow.log").toFile())
            .start();
    Await.until(
        "the slow call is under way",
        Duration.ofSeconds(4),
        () -> shell(commands.get(4)).contains("tidegate_edge_in_flight 1.0"));
    long begin = System.nanoTime();
    up.process().destroy();
    assertThat(up.process().waitFor(15, TimeUnit.SECONDS)).isTrue();
    assertThat(Duration.ofNanos(System.nanoTime() - begin))
        .isLessThanOrEqualTo(Duration.ofSeconds(5));
    assertThat(slow.waitFor(5, TimeUnit.SECONDS)).isTrue();
    awaitNoServers();

    RunningUp again = new RunningUp(directory, "again", arguments);
    again.awaitReady();
    Await.until(
        "the profile is still there",
        Duration.ofSeconds(10),
        () -> shell(commands.get(2)).contains("\"purchases\":1"));
    again.process().destroyForcibly();
    awaitNoServers();
  }

  private void assertThatASecondOneWithoutDataOfItsOwnNeedsNoLock() throws Exception {
    RunningUp other =
        new RunningUp(
            directory,
            "ephemeral",
            "up",
            "--ephemeral",
            "--port",
            "" + RunningNode.freePort(),
            "--management-port",
            "" + RunningNode.freePort(),
            "--data-dir",
            directory.resolve("data").toString());
    other.awaitReady();
    other.process().destroy();
    assertThat(other.process().waitFor(5, TimeUnit.SECONDS)).isTrue();
  }

  /** No process names our data directory any more. */
  private void awaitNoServers() {
    Await.until(
        "nothing is left of " + directory,
        Duration.ofSeconds(6),
        () -> {
          try (Stream<ProcessHandle> all = ProcessHandle.allProcesses()) {
            return all.filter(process -> process.pid() != ProcessHandle.current().pid())
                .noneMatch(this::isOurs);
          }
        });
  }

  private boolean isOurs(ProcessHandle process) {
    Path proc = Path.of("/proc", Long.toString(process.pid()));
    try {
      return Files.readString(proc.resolve("cmdline")).contains(directory.toString())
          || proc.resolve("cwd").toRealPath().startsWith(directory);
    } catch (IOException e) {
      return false;
    }
  }

  private static String shell(String command) {
    try {
      Process process = new ProcessBuilder("sh", "-c", command).redirectErrorStream(true).start();
      String output =
          new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
      process.waitFor(10, TimeUnit.SECONDS);
      return output;
    } catch (IOException | InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
