package io.tidegate.devstack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is left of a stack when its JVM is killed with -9. */
class KilledJvmIT {
  @TempDir Path directory;
  private Process child;

  @AfterEach
  void endChild() {
    child.destroyForcibly();
  }

  @Test
  void noServerOutlivesItAndDataAreIntact() throws Exception {
    Properties uris = startChild();
    assertThat(serversLeft()).isNotEmpty();
    assertThatThrownBy(() -> DevStack.in(directory).start())
        .isInstanceOf(DevStackException.class)
        .hasMessage("data directory " + directory + " is in use by process " + child.pid());
    write(uris);

    child.destroyForcibly().waitFor();
    Await.until("no server is left", Duration.ofSeconds(5), () -> serversLeft().isEmpty());
    try (DevStack stack = DevStack.in(directory).start()) {
      assertThat(stack.postgresUri()).isEqualTo(uris.getProperty("postgres"));
      assertThat(stack.redisUri()).isEqualTo(uris.getProperty("redis"));
      assertThat(stack.kafkaServers()).isEqualTo(uris.getProperty("kafka"));
      assertIntact(stack);
    }
    assertThat(serversLeft()).isEmpty();
  }

  @Test
  void theNextStartEndsWhatAKilledGuardLeft() throws Exception {
    String kafka = TestServers.kafka().bootstrapServers();
    Properties uris = startChild(kafka);
    writeNative(uris);
    List<ProcessHandle> guards =
        child.descendants().filter(process -> !isServer(process.pid())).toList();
    assertThat(guards).hasSizeGreaterThanOrEqualTo(2);
    guards.forEach(ProcessHandle::destroyForcibly);
    child.destroyForcibly().waitFor();
    assertThat(serversLeft()).isNotEmpty();

    try (DevStack stack = DevStack.in(directory).kafkaServers(kafka).start()) {
      assertNativeIntact(stack);
    }
    assertThat(serversLeft()).isEmpty();
  }

  private Properties startChild(String... more) throws Exception {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of("-XX:TieredStopAtLevel=1", "-cp", System.getProperty("java.class.path")));
    command.addAll(List.of(ChildStack.class.getName(), directory.toString()));
    command.addAll(List.of(more));
    child = new ProcessBuilder(command).inheritIO().start();
    Path file = directory.resolve("uris");
    Await.until(
        "the child's stack is up",
        Duration.ofSeconds(60),
        () -> Files.exists(file) || !child.isAlive());
    Properties uris = new Properties();
    try (var in = Files.newBufferedReader(file)) {
      uris.load(in);
    }
    return uris;
  }

  private static void write(Properties uris) throws Exception {
    writeNative(uris);
    ServerData.createTopic(uris.getProperty("kafka"), "t");
    ServerData.produce(uris.getProperty("kafka"), "t", "kept");
  }

  private static void writeNative(Properties uris) throws Exception {
    ServerData.sql(
        uris.getProperty("postgres"), "CREATE TABLE t (v text)", "INSERT INTO t VALUES ('kept')");
    ServerData.redis(uris.getProperty("redis"), "SET k kept");
  }

  private static void assertIntact(DevStack stack) throws Exception {
    assertNativeIntact(stack);
    assertThat(ServerData.consume(stack.kafkaServers(), "t", 1)).containsExactly("kept");
  }

  private static void assertNativeIntact(DevStack stack) throws Exception {
    assertThat(ServerData.sqlValue(stack.postgresUri(), "SELECT v FROM t")).isEqualTo("kept");
    assertThat(ServerData.redis(stack.redisUri(), "GET k")).endsWith("kept");
  }

  private List<Long> serversLeft() throws IOException {
    Path real = directory.toRealPath();
    List<Long> left = new ArrayList<>();
    left.addAll(Processes.workingIn(real.resolve("postgres/data"), "postgres"));
    left.addAll(Processes.workingIn(real.resolve("redis/data"), "redis-server"));
    return left;
  }

  private static boolean isServer(long pid) {
    try {
      String name = Files.readString(Path.of("/proc/" + pid + "/comm")).strip();
      return Stream.of("postgres", "redis-server").anyMatch(name::equals);
    } catch (IOException e) {
      return false;
    }
  }
}
