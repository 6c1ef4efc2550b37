package io.tidegate.platform;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;

/** How Kafka is reached. */
@ConfigMapping(prefix = "kafka")
public interface KafkaConfig {
  /** {@code host:port}, several by comma. */
  @WithDefault("127.0.0.1:9092")
  String servers();

  static void check(KafkaConfig config, Checks checks) {
    checks.expect(
        config.servers().matches("[^,\\s:]+:\\d{1,5}(,[^,\\s:]+:\\d{1,5})*"),
        "kafka.servers",
        config.servers(),
        "host:port, several by comma");
  }
}
