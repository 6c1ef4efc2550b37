package io.tidegate.node;

import io.tidegate.edge.EdgeConfig;
import io.tidegate.platform.Configuration;
import io.tidegate.platform.ConfigurationException;
import io.tidegate.platform.KafkaConfig;
import io.tidegate.platform.ManagementConfig;
import io.tidegate.platform.PostgresConfig;
import io.tidegate.platform.RedisConfig;
import io.tidegate.simulate.DevToken;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The configuration of {@code up}: its options, over the environment, over the files, and under all
 * of them what {@code up} sets by itself: its own servers, its own token issuer and a write key.
 */
final class UpSettings {
  private static final List<String> ISSUER = List.of("auth.jwks", "auth.issuer", "auth.audience");
  private static final String WRITE_KEY = "auth.write-keys.dev";

  private final Path conf;
  private final Map<String, String> environment;
  private final Map<String, String> options;
  private final Configuration given;

  /**
   * @param options keys that options set
   * @throws ConfigurationException with every problem of what is given
   */
  UpSettings(Path conf, Map<String, String> environment, Map<String, String> options) {
    this.conf = conf;
    this.environment = environment;
    this.options = options;
    this.given = Sections.load(conf, environment, options);
  }

  /** The gateway's port. */
  int port() {
    return given.get(EdgeConfig.class).port();
  }

  /** The port for health and metrics. */
  int managementPort() {
    return given.get(ManagementConfig.class).port();
  }

  /**
   * What sets a key, to be told to the user: the option, a variable, or the key and its file; none
   * when it has its default.
   *
   * @param option the option that sets the key
   */
  Optional<String> givenBy(String key, String option) {
    if (options.containsKey(key)) {
      return Optional.of(option);
    }
    return given.givenBy(key).map(by -> by.startsWith("TIDEGATE_") ? by : key + " in " + by);
  }

  /** A server that is there already; none when {@code up} starts its own. */
  Optional<Server> server(String key, String option) {
    return givenBy(key, option)
        .map(
            by ->
                new Server(
                    switch (key) {
                      case "postgres.uri" -> given.get(PostgresConfig.class).uri();
                      case "redis.uri" -> given.get(RedisConfig.class).uri();
                      default -> given.get(KafkaConfig.class).servers();
                    },
                    by));
  }

  /**
   * A server that somebody else runs.
   *
   * @param givenBy what says so
   */
  record Server(String address, String givenBy) {}

  /** Who issues tokens; none when it is us. */
  Optional<String> issuer() {
    return ISSUER.stream().flatMap(key -> givenBy(key, key).stream()).findFirst();
  }

  /** What sets the write key {@code dev}; none when it is us. */
  Optional<String> writeKey() {
    return givenBy(WRITE_KEY, WRITE_KEY);
  }

  /**
   * All of it.
   *
   * @param servers the keys of the servers that run
   * @param keys of our own token issuer
   */
  Configuration with(Map<String, String> servers, DevKeys keys) {
    return Sections.load(conf, environment, values(servers, keys));
  }

  /** What goes over the environment and the files: options, and what nobody else sets. */
  Map<String, String> values(Map<String, String> servers, DevKeys keys) {
    Map<String, String> ours = new HashMap<>(servers);
    // The servers stop after the node, in the same few seconds.
    ours.put("edge.drain-timeout", "1s");
    ours.put(WRITE_KEY, "dev");
    if (issuer().isEmpty()) {
      ours.put("auth.jwks", keys.publicKeys().toAbsolutePath().toString());
      ours.put("auth.issuer", DevToken.ISSUER);
      ours.put("auth.audience", DevToken.AUDIENCE);
    }
    ours.keySet().removeIf(key -> given.givenBy(key).isPresent());
    ours.putAll(options);
    return ours;
  }
}
