package io.tidegate.simulate;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidegate.simulate.TestGateway.Reply;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

@Timeout(60)
class SimulateCommandIT {
  @TempDir Path dir;

  private final TestGateway gateway = new TestGateway();

  @BeforeEach
  void writeTheDevelopmentKey() throws IOException {
    DevToken.createKey(dir.resolve(DevToken.KEY_FILE), dir.resolve(DevToken.JWKS_FILE));
  }

  @AfterEach
  void stopTheGateway() {
    gateway.close();
  }

  private record Run(int exitCode, String out, String err) {}

  private Run simulate(String... options) {
    var all = new ArrayList<>(List.of("--url", gateway.url(), "--data-dir", dir.toString()));
    all.addAll(Arrays.asList(options));
    return command(all.toArray(String[]::new));
  }

  private static Run command(String... options) {
    var out = new StringWriter();
    var err = new StringWriter();
    int code =
        new CommandLine(new SimulateCommand())
            .setOut(new PrintWriter(out, true))
            .setErr(new PrintWriter(err, true))
            .execute(options);
    return new Run(code, out.toString(), err.toString());
  }

  // ---- replay

  @Test
  void aReplaySendsEveryRowOnceAndASecondOneNothingNew() throws Exception {
    Path file = rows(5_000, 40);
    Run run = simulate("--file", file.toString());
    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.out())
        .containsPattern("rows +5,000")
        .containsPattern("acknowledged +5,000")
        .containsPattern("failed +0");
    assertThat(gateway.events).hasSize(5_000);
    assertThat(gateway.batchSizes).allMatch(size -> size <= 100).contains(100);
    assertThat(gateway.mostInFlight.get()).isLessThanOrEqualTo(8);
    assertEveryUserInOrder();

    assertThat(simulate("--file", file.toString()).exitCode()).isZero();
    assertThat(gateway.events).hasSize(5_000);
  }

  @Test
  void equalRowsCountEach() throws Exception {
    Path file = dir.resolve("equal.csv");
    Files.write(file, List.of("1,2,3,buy,10", "1,2,3,buy,10", "1,2,3,buy,10"));
    assertThat(simulate("--file", file.toString()).exitCode()).isZero();
    assertThat(gateway.events).hasSize(3);
    assertThat(simulate("--file", file.toString()).exitCode()).isZero();
    assertThat(gateway.events).hasSize(3);
  }

  @Test
  void aReplayRidesThroughACrashOfTheNode() throws Exception {
    Path file = rows(3_000, 30);
    // The fourth batch and what follows is taken, but the connection dies before the answer.
    gateway.script = batch -> batch >= 4 ? Reply.CUT : Reply.TAKE;
    var running = CompletableFuture.supplyAsync(() -> simulate("--file", file.toString()));
    until(() -> gateway.batches.get() >= 6);
    gateway.kill();
    gateway.script = batch -> Reply.TAKE;
    gateway.start();

    Run run = running.get(40, TimeUnit.SECONDS);
    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.out()).containsPattern("acknowledged +3,000").containsPattern("retried +[1-9]");
    assertThat(gateway.events).hasSize(3_000);
    assertEveryUserInOrder();
  }

  @Test
  void aReplayThatGaveUpIsFinishedByReplayingTheFileAgain() throws Exception {
    Path file = rows(2_000, 20);
    gateway.script = batch -> batch > 5 ? Reply.refuse(503) : Reply.TAKE;
    Run first = simulate("--file", file.toString(), "--retry-for", "500ms");
    assertThat(first.exitCode()).isEqualTo(1);
    assertThat(first.err())
        .contains("gave up: no acknowledgement for")
        .contains("503: on order")
        .contains("Replay the same file again");
    assertThat(first.out()).containsPattern("failed +1,[0-9]{3} ");
    assertThat(gateway.events).hasSizeLessThan(2_000);

    gateway.script = batch -> Reply.TAKE;
    assertThat(simulate("--file", file.toString()).exitCode()).isZero();
    assertThat(gateway.events).hasSize(2_000);
    assertEveryUserInOrder();
  }

  @Test
  void busyAnswersAreRetriedAndRetryAfterIsObeyed() throws Exception {
    Path file = rows(200, 1);
    var times = new ArrayList<Long>();
    gateway.script =
        batch -> {
          times.add(System.nanoTime());
          return switch (batch) {
            case 1 -> Reply.refuse(503);
            case 2 -> Reply.refuse(429, "1");
            default -> Reply.TAKE;
          };
        };
    Run run = simulate("--file", file.toString());
    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.out()).containsPattern("retried +2 batches");
    assertThat(gateway.events).hasSize(200);
    assertThat(times.get(2) - times.get(1)).isGreaterThanOrEqualTo(TimeUnit.SECONDS.toNanos(1));
    assertEveryUserInOrder();
  }

  @Test
  void aBatchThatIsRefusedForGoodIsCountedAndTheRestGoesOn() throws Exception {
    Path file = rows(500, 1);
    gateway.script = batch -> batch == 2 ? Reply.refuse(400) : Reply.TAKE;
    Run run = simulate("--file", file.toString());
    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.out())
        .containsPattern("acknowledged +400")
        .containsPattern("failed +100 \\(refused: 100\\)");
    assertThat(run.err()).contains("a batch of 100 rows was refused: 400: on order");
    assertThat(gateway.events).hasSize(400);
  }

  @Test
  void aKeyThatIsRevokedMidwayEndsTheReplay() throws Exception {
    gateway.script = batch -> batch > 1 ? Reply.refuse(401) : Reply.TAKE;
    Run run = simulate("--file", rows(1_000, 10).toString(), "--concurrency", "1");
    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.err()).contains("gave up: the write key was refused");
    assertThat(gateway.events).hasSize(100);
  }

  @Test
  void batchesKeepUnderTheSizeLimitOfTheApi() throws Exception {
    Path file = dir.resolve("long.csv");
    var lines = new ArrayList<String>();
    for (int i = 0; i < 2_500; i++) {
      lines.add("u,%0100d,%0100d,pv,%d".formatted(i, i, i));
    }
    Files.write(file, lines);
    Run run = simulate("--file", file.toString(), "--batch-size", "2500");
    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(gateway.events).hasSize(2_500);
    assertThat(gateway.batchSizes).hasSize(2);
  }

  @Test
  void badRowsStopItBeforeAnythingIsSent() throws Exception {
    Path file = dir.resolve("bad.csv");
    Files.write(file, List.of("1,2,3,pv,10", "1,2,3,look,10", "x"));
    Run run = simulate("--file", file.toString());
    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.err())
        .contains("bad.csv:2: behaviour: 'look' (expected: pv, cart, fav or buy)")
        .contains("bad.csv:3: 1 fields")
        .contains("2 bad rows, nothing sent");
    assertThat(gateway.paths).isEmpty();

    Run skipped = simulate("--file", file.toString(), "--skip-bad");
    assertThat(skipped.exitCode()).isZero();
    assertThat(skipped.out()).containsPattern("bad rows +2");
    assertThat(gateway.events).hasSize(1);
  }

  @Test
  void aFileThatCanNotBeReadIsNamed() throws Exception {
    assertThat(simulate("--file", dir.resolve("none.csv").toString()).err())
        .contains("none.csv: no such file");
    Path binary = Files.write(dir.resolve("binary.csv"), new byte[] {'1', (byte) 0xff, '\n'});
    assertThat(simulate("--file", binary.toString()).err()).contains("not UTF-8");
    Run directory = simulate("--file", dir.toString());
    assertThat(directory.err()).contains("can't be read");
    assertThat(directory.exitCode()).isEqualTo(1);
  }

  // ---- traffic

  @Test
  void trafficEndsWithATable() {
    Run run = simulate("--rate", "400", "--duration", "2s", "--seed", "3");
    assertThat(run.exitCode()).as(run.out() + run.err()).isZero();
    assertThat(run.out())
        .contains("operation", "p99.9 ms")
        .containsPattern("view +[0-9]+ +0 +0 ")
        .containsPattern("all +800 +0 +0 ")
        .containsPattern("800 answered in [0-9.]+ s: [0-9.]+/s \\(asked for: 400.0/s\\)");
    assertThat(gateway.paths)
        .contains("POST /v1/track", "POST /v1/identify", "POST /v1/batch", "GET /demo/hello")
        .anyMatch(path -> path.matches("GET /v1/customers/[0-9]{7}/profile"));
    assertThat(gateway.events.size()).isGreaterThan(500);
  }

  @Test
  void unexpectedAnswersAreShownAndEndInExitCode1() {
    gateway.routedStatus = 502;
    Run run = simulate("--rate", "500", "--duration", "1s", "--seed", "3");
    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.out())
        .containsPattern("error: routed: 502 x [1-9]")
        .contains("first of its kind: 502: on order");
  }

  @Test
  void beingLimitedIsCountedApart() {
    gateway.eventStatus = 429;
    Run run = simulate("--rate", "300", "--duration", "1s", "--seed", "3");
    assertThat(run.exitCode()).as(run.out()).isZero();
    assertThat(run.out()).containsPattern("view +([0-9]+) +0 +\\1 ");
  }

  @Test
  void aSlowGatewayShowsInTheLatencyOfAllThatWaited() {
    gateway.batchMillis = 300;
    Run run = simulate("--rate", "200", "--duration", "1s", "--concurrency", "1", "--seed", "3");
    assertThat(run.exitCode()).as(run.out()).isZero();
    // Views are answered at once, yet those due behind a slow batch on the only connection waited.
    assertThat(run.out()).containsPattern("view +[0-9]+ +0 +0 .* [0-9]{3,4}\\.[0-9]{2}");
  }

  @Test
  void aGatewayThatDiesUnderTrafficEndsInErrorsNotInAHang() throws Exception {
    var running =
        CompletableFuture.supplyAsync(() -> simulate("--rate", "300", "--duration", "2s"));
    until(() -> gateway.events.size() > 50);
    gateway.kill();
    Run run = running.get(30, TimeUnit.SECONDS);
    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.out()).containsPattern("error: view: connection (refused|lost) x [1-9]");
    gateway.start();
  }

  // ---- what is wrong from the start

  @Test
  void nobodyThereIsOneLine() throws Exception {
    int free;
    try (var socket = new ServerSocket(0)) {
      free = socket.getLocalPort();
    }
    String url = "http://127.0.0.1:" + free;
    Run run = command("--url", url, "--file", rows(10, 1).toString());
    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.err())
        .isEqualToIgnoringNewLines(
            "simulate: " + url + ": connection refused (is the node running?)");
  }

  @Test
  void aRefusedKeySaysSo() throws Exception {
    Run run = simulate("--write-key", "wrong", "--file", rows(10, 1).toString());
    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.err()).contains("the write key was refused: 401");
    assertThat(gateway.events).isEmpty();
  }

  @Test
  void aRefusedOrMissingTokenSaysSo() {
    Run refused = simulate("--token", "nonsense");
    assertThat(refused.exitCode()).isEqualTo(1);
    assertThat(refused.err()).contains("the token was refused for profile reads: 401");

    Run missing =
        command("--url", gateway.url(), "--data-dir", dir.resolve("elsewhere").toString());
    assertThat(missing.exitCode()).isEqualTo(1);
    assertThat(missing.err())
        .contains("no --token, and none can be signed")
        .contains("no such file");
  }

  @Test
  void anotherServerIsNotTakenForAGateway() throws Exception {
    gateway.routedStatus = 404;
    Run run = command("--url", gateway.url() + "/other/", "--file", rows(10, 1).toString());
    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.err()).contains("no ingestion API there: 404");
    assertThat(gateway.paths).containsExactly("POST /other/v1/batch");
  }

  @ParameterizedTest
  @CsvSource({
    "--rate, 0, '--rate: 0.0 (expected: > 0'",
    "--duration, 0s, '--duration: 0 (expected: > 0)'",
    "--duration, soon, 'expected: 500ms, 30s, 5m or 1h'",
    "--customers, 0, '--customers: 0'",
    "--batch-size, 2501, '--batch-size: 2501 (expected: 1 to 2500)'",
    "--concurrency, 0, '--concurrency: 0'",
    "--url, ftp://x, '--url: ftp://x (expected: http://host:port)'",
    "--url, nonsense, '--url: nonsense'",
    "--route, demo, '--route: demo'",
  })
  void optionsThatMakeNoSenseAreExitCode2(String option, String value, String message) {
    Run run = command(option, value);
    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err()).contains(message);
  }

  @Test
  void helpNamesEveryOption() {
    Run run = command("--help");
    assertThat(run.exitCode()).isZero();
    assertThat(run.out())
        .contains("--url", "--write-key", "--rate", "--duration", "--customers", "--seed")
        .contains("--file", "--batch-size", "--concurrency", "--token", "--data-dir")
        .contains("--retry-for", "--skip-bad", "10000");
  }

  // ---- ending early

  @Test
  void aSignalEndsItAtOnceWithTheTable() throws Exception {
    String output = endBySignal(() -> gateway.events.size() > 20, "--duration", "1h");
    assertThat(output)
        .containsPattern("view +[0-9]+ +0 +0 ")
        .containsPattern("answered in [0-9.]+ s");
  }

  @Test
  void aSignalEndsAReplayWhoseBatchesHang() throws Exception {
    gateway.batchMillis = 60_000;
    String file = rows(1_000, 10).toString();
    String output = endBySignal(() -> gateway.batches.get() > 0, "--file", file);
    assertThat(output)
        .containsPattern("acknowledged +0")
        .contains("Replay the same file again")
        .doesNotContain("gave up");
  }

  /** What the command, in a JVM of its own, has printed when it heeded a signal. */
  private String endBySignal(BooleanSupplier when, String... options) throws Exception {
    Path output = dir.resolve("output.txt");
    var command =
        new ArrayList<>(
            List.of(
                ProcessHandle.current().info().command().orElseThrow(),
                "-cp",
                System.getProperty("java.class.path"),
                SimulateMain.class.getName(),
                "--url",
                gateway.url(),
                "--data-dir",
                dir.toString()));
    command.addAll(Arrays.asList(options));
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    try {
      until(when);
      process.destroy();
      assertThat(process.waitFor(10, TimeUnit.SECONDS)).isTrue();
      return Files.readString(output);
    } finally {
      process.destroyForcibly();
    }
  }

  /** The command in a JVM of its own. */
  static final class SimulateMain {
    public static void main(String[] args) {
      System.exit(new CommandLine(new SimulateCommand()).execute(args));
    }
  }

  // ---- helpers

  /** Rows whose times grow, so that an order kept can be told. */
  private Path rows(int count, int users) throws IOException {
    var random = new Random(count);
    var lines = new ArrayList<String>();
    for (int i = 0; i < count; i++) {
      String kind = List.of("pv", "cart", "fav", "buy").get(random.nextInt(4));
      lines.add(random.nextInt(users) + "," + random.nextInt(50) + ",7," + kind + "," + i);
    }
    return Files.write(Files.createTempFile(dir, "rows", ".csv"), lines);
  }

  private void assertEveryUserInOrder() {
    assertThat(gateway.timesByUser).isNotEmpty();
    gateway.timesByUser.forEach((user, times) -> assertThat(times).as("user " + user).isSorted());
  }

  private static void until(BooleanSupplier condition) throws InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as("deadline").isLessThan(deadline);
      TimeUnit.MILLISECONDS.sleep(5);
    }
  }
}
