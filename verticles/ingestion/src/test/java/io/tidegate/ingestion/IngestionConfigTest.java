package io.tidegate.ingestion;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidegate.platform.Checks;
import io.tidegate.platform.Problem;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class IngestionConfigTest {
  @Test
  void defaults() {
    IngestionConfig config = TestConfig.of();

    assertThat(config.topic()).isEqualTo("tidegate.events");
    assertThat(config.dlqTopic()).isEqualTo("tidegate.events.dlq");
    assertThat(config.partitions()).isEqualTo(8);
    assertThat(config.replicationFactor()).isEqualTo(-1);
    assertThat(config.maxEventBytes()).isEqualTo(32 * 1024);
    assertThat(config.maxBatchBytes()).isEqualTo(500 * 1024);
    assertThat(config.maxBatchEvents()).isEqualTo(2_500);
    assertThat(config.maxJsonDepth()).isEqualTo(32);
    assertThat(config.maxAppendBytes()).isEqualTo(1 << 20);
    long sixteenth = Runtime.getRuntime().maxMemory() / 16;
    assertThat(IngestionConfig.intakeBytes(config))
        .isBetween(1L, Runtime.getRuntime().maxMemory() / 8);
    assertThat(IngestionConfig.logBytes(config)).isEqualTo(Math.max(sixteenth, 1_024_000));
    assertThat(config.deliveryTimeout()).isEqualTo(Duration.ofSeconds(4));
    assertThat(config.maxBlock()).isEqualTo(Duration.ofSeconds(1));
    assertThat(config.linger()).isEqualTo(Duration.ofMillis(1));
    assertThat(config.compression()).isEqualTo("lz4");
    assertThat(config.probeInterval()).isEqualTo(Duration.ofSeconds(2));
    assertThat(config.drainTimeout()).isEqualTo(Duration.ofSeconds(3));
    assertThat(config.retention()).isEqualTo(Duration.ofDays(7));
    assertThat(config.retryAfter()).isEqualTo(Duration.ofSeconds(2));
    assertThat(problems(config)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "partitions, 0",
    "replication-factor, 0",
    "replication-factor, 11",
    "dlq-topic, tidegate.events",
    "max-event-bytes, 1000",
    "max-event-bytes, 524289",
    "max-batch-bytes, 32767",
    "max-batch-events, 0",
    "max-json-depth, 1",
    "max-append-bytes, 0",
    "max-intake-bytes, 511999",
    "max-log-bytes, 511999",
    "delivery-timeout, 6001ms",
    "delivery-timeout, 0s",
    "max-block, 0s",
    "probe-interval, 0s",
    "drain-timeout, 0s",
    "retry-after, 0s",
    "linger, 2s",
    "retention, 0s",
    "compression, zip",
  })
  void saysWhatIsWrong(String key, String value) {
    assertThat(problems(TestConfig.of(key, value)))
        .extracting(Problem::key)
        .contains("ingestion." + key);
  }

  @Test
  void theProducerCompressesAsItIsTold() {
    IngestionConfig config = TestConfig.of("compression", "none");
    assertThat(problems(config)).isEmpty();
    assertThat(new KafkaClients(config, Map.of()).producerSettings())
        .containsEntry("compression.type", "none");
  }

  private static List<Problem> problems(IngestionConfig config) {
    Checks checks = new Checks(key -> "tidegate.yaml");
    IngestionConfig.check(config, checks);
    return checks.problems();
  }
}
