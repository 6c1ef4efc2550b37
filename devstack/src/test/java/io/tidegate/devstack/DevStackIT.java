package io.tidegate.devstack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.tidegate.devstack.DevStack.Progress;
import io.tidegate.devstack.DevStack.State;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DevStackIT {
  private static final String POSTGRES = TestServers.postgres().uri();
  private static final String REDIS = TestServers.redis().uri();
  private static final String KAFKA = TestServers.kafka().bootstrapServers();

  @Test
  void aRestartHasTheSamePortsAndData(@TempDir Path directory) throws Exception {
    String uri;
    List<Progress> told = new CopyOnWriteArrayList<>();
    try (DevStack stack = DevStack.in(directory).kafkaServers(KAFKA).listener(told::add).start()) {
      uri = stack.redisUri();
      ServerData.redis(uri, "SET k kept");
      assertThat(told)
          .filteredOn(progress -> progress.state() == State.READY)
          .extracting(Progress::component, Progress::detail)
          .containsExactlyInAnyOrder(
              tuple("postgres", stack.postgresUri()), tuple("redis", uri), tuple("kafka", KAFKA));
      assertThatThrownBy(() -> DevStack.in(directory).start())
          .hasMessageContaining("is in use by process")
          .hasMessageContaining("(this one)");
    }
    try (DevStack stack = DevStack.in(directory).kafkaServers(KAFKA).start()) {
      assertThat(stack.redisUri()).isEqualTo(uri);
      assertThat(ServerData.redis(uri, "GET k")).endsWith("kept");
    }
  }

  @Test
  void usesServersThatAreThere() {
    try (DevStack stack =
        DevStack.ephemeral().postgresUri(POSTGRES).redisUri(REDIS).kafkaServers(KAFKA).start()) {
      assertThat(stack.postgresUri()).isEqualTo(POSTGRES);
      assertThat(stack.redisUri()).isEqualTo(REDIS);
      assertThat(stack.kafkaServers()).isEqualTo(KAFKA);
    }
    assertThat(TestServers.redis().isRunning()).isTrue();
  }

  @Test
  void saysWhichServerCannotBeReached(@TempDir Path directory) {
    String gone = "redis://127.0.0.1:" + Ports.free();
    List<Progress> told = new CopyOnWriteArrayList<>();
    DevStack.Builder builder =
        DevStack.in(directory).redisUri(gone).kafkaServers(KAFKA).listener(told::add);
    assertThatThrownBy(builder::start)
        .isInstanceOf(DevStackException.class)
        .hasMessageContaining("cannot reach redis at " + gone + " given by --redis-uri");
    assertThat(told).extracting(Progress::state).contains(State.FAILED);
    assertThat(Processes.workingIn(directory.resolve("postgres/data"), "postgres")).isEmpty();
    assertThat(Files.exists(directory.resolve("postgres/data"))).isTrue();
  }

  @Test
  void aBadAddressIsSaidWithoutItsPassword() {
    assertThatThrownBy(
            () ->
                DevStack.ephemeral()
                    .postgresUri("mysql://me:secret@host/x")
                    .redisUri("redis://me:se cret@host")
                    .kafkaServers(KAFKA)
                    .start())
        .isInstanceOf(DevStackException.class)
        .hasMessageContaining("expected")
        .hasMessageNotContaining("cret");
  }
}
