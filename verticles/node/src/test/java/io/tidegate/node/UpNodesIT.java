package io.tidegate.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidegate.devstack.Await;
import io.tidegate.devstack.TestServers;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code up --nodes} on servers that are there already: its nodes make a cluster, are started again
 * when they end, and end with it.
 */
class UpNodesIT {
  private static final Duration LIMIT = Duration.ofSeconds(60);

  @TempDir Path directory;

  private final List<RunningUp> started = new ArrayList<>();
  private final int port = freeRow();
  private final String database = TestServers.newDatabase();

  @AfterEach
  void stop() throws Exception {
    for (RunningUp up : started) {
      List<ProcessHandle> nodes = up.process().descendants().toList();
      up.process().destroyForcibly();
      nodes.forEach(ProcessHandle::destroyForcibly);
      up.process().waitFor(10, TimeUnit.SECONDS);
    }
  }

  @Test
  void nodesAreStartedAgainAndEndWithUp() throws Exception {
    RunningUp up = up("first");
    up.awaitReady();
    for (int i = 0; i < 2; i++) {
      assertThat(up.output())
          .containsPattern(
              "node-%d +ready in .* http://127\\.0\\.0\\.1:%d, management http://127\\.0\\.0\\.1:%d"
                  .formatted(i + 1, port + 2 * i, management(i)));
    }
    awaitBothInTheCluster();

    Set<Long> before = pids(up);
    assertThat(before).hasSize(2);
    long killed = before.iterator().next();
    ProcessHandle.of(killed).orElseThrow().destroyForcibly();
    Await.until(
        "up says that it is started again",
        LIMIT,
        () -> up.output().contains(" ended with code 137 and is started again"));
    Await.until(
        "another process is there in its stead",
        LIMIT,
        () -> pids(up).size() == 2 && !pids(up).contains(killed));
    assertThat(pids(up)).as("the other one goes on").containsAnyElementsOf(before);
    awaitBothInTheCluster();

    List<ProcessHandle> nodes = up.process().children().toList();
    up.process().destroy();
    assertThat(up.process().waitFor(15, TimeUnit.SECONDS)).as("up ends").isTrue();
    assertThat(nodes).as("and so did its nodes, before it").noneMatch(ProcessHandle::isAlive);
  }

  @Test
  void nodesEndWithAnUpThatIsKilledEvenWhileTheyAreStarting() throws Exception {
    RunningUp up = up("killed");
    Await.until("it has started a node", LIMIT, () -> !pids(up).isEmpty());
    List<ProcessHandle> nodes = up.process().children().toList();
    up.process().destroyForcibly();
    assertThat(up.process().waitFor(10, TimeUnit.SECONDS)).isTrue();
    Await.until("no node is left", LIMIT, () -> nodes.stream().noneMatch(ProcessHandle::isAlive));
  }

  private RunningUp up(String name) throws IOException {
    RunningUp up =
        new RunningUp(
            directory,
            name,
            "up",
            "--nodes",
            "2",
            "--ephemeral",
            "--port",
            "" + port,
            "--management-port",
            "" + management(0),
            "--data-dir",
            directory.resolve("data").toString(),
            "--postgres-uri",
            database,
            "--redis-uri",
            TestServers.redis().uri(),
            "--kafka-servers",
            TestServers.kafka().bootstrapServers());
    started.add(up);
    return up;
  }

  /** Each is ready and sees the other. */
  private void awaitBothInTheCluster() {
    for (int i = 0; i < 2; i++) {
      int node = i;
      Await.until(
          "node " + (i + 1) + " is ready",
          LIMIT,
          () -> get(node, "/health/ready").statusCode() == 200);
      Await.until(
          "node " + (i + 1) + " sees both",
          LIMIT,
          () -> live(node).equals(Set.of("node-1", "node-2")));
    }
  }

  /** The names of the nodes that one sees as live, itself included. */
  private Set<String> live(int node) {
    return new JsonObject(get(node, "/cluster").body())
        .getJsonArray("nodes").stream()
            .map(JsonObject.class::cast)
            .filter(each -> each.getString("state").equals("live"))
            .map(each -> each.getString("name"))
            .collect(Collectors.toSet());
  }

  private HttpResponse<String> get(int node, String page) {
    return RunningNode.send(
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + management(node) + page))
            .timeout(Duration.ofSeconds(5)));
  }

  private int management(int node) {
    return port + 1 + 2 * node;
  }

  private static Set<Long> pids(RunningUp up) {
    return up.process()
        .children()
        .filter(ProcessHandle::isAlive)
        .map(ProcessHandle::pid)
        .collect(Collectors.toSet());
  }

  /** The first of four free ports in a row, below those that the system hands out. */
  private static int freeRow() {
    for (int i = 0; i < 100; i++) {
      int first = ThreadLocalRandom.current().nextInt(20_000, 30_000);
      if (IntStream.range(first, first + 4).allMatch(UpNodesIT::isFree)) {
        return first;
      }
    }
    throw new AssertionError("no four free ports in a row");
  }

  private static boolean isFree(int port) {
    try (ServerSocket probe = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
      return probe.isBound();
    } catch (IOException e) {
      return false;
    }
  }
}
