package io.tidegate.platform;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigException;

/** How Kafka is reached. */
@ConfigMapping(prefix = "kafka")
public interface KafkaConfig {
  /** {@code host:port}, several by comma. */
  @WithDefault("127.0.0.1:9092")
  String servers();

  /**
   * More settings for all of Kafka's clients by Kafka's names, {@code security.protocol} or {@code
   * sasl.jaas.config}: those that every kind of client has. Variables can't show dots, so {@code
   * security-protocol} means the same.
   */
  Map<String, String> properties();

  /**
   * What every client of Kafka's is to be made with: the servers, and the properties. Unless these
   * ask for it, no client shows its few hundred metrics by JMX, which nobody here reads.
   */
  static Map<String, Object> clients(KafkaConfig config) {
    Map<String, Object> settings = new HashMap<>();
    settings.put(AdminClientConfig.METRIC_REPORTER_CLASSES_CONFIG, "");
    config.properties().forEach((name, value) -> settings.put(kafkaName(name), value));
    settings.put(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, config.servers());
    return settings;
  }

  /** Kafka's own spelling, or the name as it is when Kafka has none such. */
  private static String kafkaName(String name) {
    return names().stream()
        .filter(known -> known.replace('.', '-').equals(name.replace('.', '-')))
        .findFirst()
        .orElse(name);
  }

  /** What all kinds of clients know, but what ours set themselves. */
  private static Set<String> names() {
    Set<String> names = new TreeSet<>(AdminClientConfig.configNames());
    names.retainAll(ProducerConfig.configNames());
    names.retainAll(ConsumerConfig.configNames());
    names.removeAll(
        Set.of(
            AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG,
            AdminClientConfig.CLIENT_ID_CONFIG,
            AdminClientConfig.METADATA_MAX_AGE_CONFIG,
            AdminClientConfig.RECONNECT_BACKOFF_MAX_MS_CONFIG,
            AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG));
    return names;
  }

  static void check(KafkaConfig config, Checks checks) {
    checks.expect(
        config.servers().matches("[^,\\s:]+:\\d{1,5}(,[^,\\s:]+:\\d{1,5})*"),
        "kafka.servers",
        config.servers(),
        "host:port, several by comma");
    Set<String> known = config.properties().isEmpty() ? Set.of() : names();
    config
        .properties()
        .forEach(
            (given, value) -> {
              String key = VariableNames.key(List.of("kafka", "properties", given));
              String name = kafkaName(given);
              boolean isKnown = known.contains(name);
              // Nobody knows whether the value is a secret, under a misspelt name least of all.
              checks
                  .expect(
                      isKnown,
                      key,
                      ConfigLoader.MASK,
                      "a setting that all of Kafka's clients have and the gateway does not make"
                          + " itself, such as \"security.protocol\" or \"sasl.jaas.config\"")
                  .expect(
                      !isKnown || isTaken(name, value),
                      key,
                      ConfigLoader.MASK,
                      "a value that Kafka takes for " + name);
            });
  }

  private static boolean isTaken(String name, String value) {
    try {
      ConfigDef.ConfigKey key = AdminClientConfig.configDef().configKeys().get(name);
      if (key == null) {
        return false;
      }
      Object parsed = ConfigDef.parseType(name, value, key.type);
      if (key.validator != null) {
        key.validator.ensureValid(name, parsed);
      }
      return true;
    } catch (ConfigException e) {
      return false;
    }
  }
}
