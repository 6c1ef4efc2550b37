package io.tidegate.devstack;

import static io.tidegate.devstack.ServerData.consume;
import static io.tidegate.devstack.ServerData.createTopic;
import static io.tidegate.devstack.ServerData.produce;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class KafkaServerIT {
  @Test
  void dataSurviveAStop() throws Exception {
    KafkaServer server = TestServers.ownKafka();
    String servers = server.bootstrapServers();
    createTopic(servers, "t");
    produce(servers, "t", "first");

    long begin = System.nanoTime();
    server.stop();
    assertThat(TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begin)).isLessThan(3_000);
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
  void makesNoTopicsByItself() {
    String servers = TestServers.kafka().bootstrapServers();
    assertThatThrownBy(() -> produce(servers, "unheard-of", "value"))
        .hasMessageContaining("unheard-of");
  }
}
