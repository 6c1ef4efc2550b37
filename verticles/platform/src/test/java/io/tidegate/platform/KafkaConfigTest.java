package io.tidegate.platform;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KafkaConfigTest {
  @TempDir Path directory;

  private Map<String, Object> clients(String yaml, Map<String, String> environment)
      throws Exception {
    Path file = Files.writeString(directory.resolve("tidegate.yaml"), yaml);
    return KafkaConfig.clients(
        ConfigLoader.load(
                List.of(file),
                environment,
                Map.of(),
                List.of(new ConfigSection<>(KafkaConfig.class, KafkaConfig::check)))
            .get(KafkaConfig.class));
  }

  @Test
  void withoutPropertiesOnlyTheServersAndNoJmx() throws Exception {
    assertThat(clients("", Map.of()))
        .isEqualTo(Map.of("bootstrap.servers", "127.0.0.1:9092", "metric.reporters", ""));
  }

  @Test
  void jmxIsThereForWhoWantsIt() throws Exception {
    String reporter = "org.apache.kafka.common.metrics.JmxReporter";
    assertThat(clients("", Map.of("TIDEGATE_KAFKA_PROPERTIES_METRIC_REPORTERS", reporter)))
        .containsEntry("metric.reporters", reporter);
  }

  @Test
  void filesAndVariablesSetWhatKafkasClientsKnow() throws Exception {
    String yaml =
        """
        kafka:
          servers: kafka-1:9093
          properties:
            "security.protocol": SASL_SSL
            "sasl.mechanism": SCRAM-SHA-512
            "ssl.truststore.password": of the file
        """;
    assertThat(
            clients(
                yaml,
                Map.of(
                    "TIDEGATE_KAFKA_PROPERTIES_SASL_JAAS_CONFIG", "Login required;",
                    "TIDEGATE_KAFKA_PROPERTIES_SSL_TRUSTSTORE_PASSWORD", "of the environment")))
        .isEqualTo(
            Map.of(
                "bootstrap.servers", "kafka-1:9093",
                "metric.reporters", "",
                "security.protocol", "SASL_SSL",
                "sasl.mechanism", "SCRAM-SHA-512",
                "sasl.jaas.config", "Login required;",
                "ssl.truststore.password", "of the environment"));
  }

  @Test
  void othersAreProblemsAndNoValueIsShown() {
    String yaml =
        """
        kafka:
          properties:
            "security.protocoll": mistaken
            "security.protocol": hush
            "bootstrap.servers": elsewhere:1
            "linger.ms": 5
        """;
    assertThatThrownBy(
            () -> clients(yaml, Map.of("TIDEGATE_KAFKA_PROPERTIES_SASL_JAS_CONFIG", "hush")))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("kafka.properties.\"security.protocoll\": *** (expected: a setting")
        .hasMessageContaining(
            "kafka.properties.\"security.protocol\": *** (expected: a value that Kafka takes for"
                + " security.protocol)")
        .hasMessageContaining("kafka.properties.\"bootstrap.servers\": ***")
        .hasMessageContaining("kafka.properties.\"linger.ms\": ***")
        .hasMessageContaining("TIDEGATE_KAFKA_PROPERTIES_SASL_JAS_CONFIG: ***")
        .hasMessageNotContainingAny("hush", "mistaken", "elsewhere");
  }
}
