package io.tidegate.devstack;

import static io.tidegate.devstack.ServerData.consume;
import static io.tidegate.devstack.ServerData.createTopic;
import static io.tidegate.devstack.ServerData.produce;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.Node;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KafkaServerIT {
  @Test
  void dataSurviveAStop() throws Exception {
    KafkaServer server = TestServers.ownKafka();
    String servers = server.bootstrapServers();
    createTopic(servers, "t");
    produce(servers, "t", "first");

    long begin = System.nanoTime();
    server.stop();
    assertThat(TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begin)).isLessThan(15_000);
    assertThat(server.isRunning()).isFalse();
    assertThatThrownBy(() -> Probe.kafka(servers).ask(Duration.ofSeconds(1)))
        .isInstanceOf(IOException.class);

    server.startAgain();
    assertThat(server.bootstrapServers()).isEqualTo(servers);
    produce(servers, "t", "second");
    assertThat(consume(servers, "t", 2)).containsExactly("first", "second");
    assertThatThrownBy(server::startAgain).hasMessageContaining("is running");
    server.close();
    server.close();
  }

  @Test
  void whoComesByADoorIsToldTheDoorsAddress(@TempDir Path directory) throws Exception {
    int door = Ports.free();
    var doors = List.of(new KafkaServer.Door(door, "localhost:" + door));
    try (KafkaServer server = KafkaServer.start(directory, 0, doors)) {
      assertThat(toldAt("127.0.0.1:" + door)).isEqualTo("localhost:" + door);
      assertThat(toldAt(server.bootstrapServers())).isEqualTo(server.bootstrapServers());
    }
  }

  private static String toldAt(String servers) throws Exception {
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", servers))) {
      Node broker = admin.describeCluster().nodes().get(20, TimeUnit.SECONDS).iterator().next();
      return broker.host() + ":" + broker.port();
    }
  }

  @Test
  void makesNoTopicsByItself() {
    String servers = TestServers.kafka().bootstrapServers();
    assertThatThrownBy(() -> produce(servers, "unheard-of", "value"))
        .hasMessageContaining("unheard-of");
  }
}
