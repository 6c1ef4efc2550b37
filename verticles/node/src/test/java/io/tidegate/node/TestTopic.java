package io.tidegate.node;

import io.tidegate.devstack.Await;
import io.tidegate.devstack.TestServers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.serialization.StringDeserializer;

/** Looks into the events' topic on the shared Kafka. */
final class TestTopic {
  private TestTopic() {}

  /** How long a topic keeps its records. */
  static Duration retention(String topic) throws Exception {
    ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, topic);
    try (Admin admin =
        Admin.create(
            Map.of(
                AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG,
                TestServers.kafka().bootstrapServers()))) {
      String millis =
          admin
              .describeConfigs(List.of(resource))
              .all()
              .get(20, TimeUnit.SECONDS)
              .get(resource)
              .get(TopicConfig.RETENTION_MS_CONFIG)
              .value();
      return Duration.ofMillis(Long.parseLong(millis));
    }
  }

  /** The headers of the first record with this key. */
  static Map<String, String> headersOf(String key) {
    Map<String, Object> config =
        Map.of(
            ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, TestServers.kafka().bootstrapServers(),
            ConsumerConfig.GROUP_ID_CONFIG, UUID.randomUUID().toString(),
            ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
    Map<String, String> headers = new HashMap<>();
    try (KafkaConsumer<String, String> consumer =
        new KafkaConsumer<>(config, new StringDeserializer(), new StringDeserializer())) {
      consumer.subscribe(List.of("tidegate.events"));
      Await.until(
          "a record of " + key,
          Duration.ofSeconds(20),
          () -> {
            for (ConsumerRecord<String, String> record : consumer.poll(Duration.ofMillis(200))) {
              if (record.key().equals(key) && headers.isEmpty()) {
                record
                    .headers()
                    .forEach(
                        h -> headers.put(h.key(), new String(h.value(), StandardCharsets.UTF_8)));
              }
            }
            return !headers.isEmpty();
          });
    }
    return headers;
  }
}
