package io.tidegate.platform;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ConfigLoaderTest {
  @ConfigMapping(prefix = "door")
  interface DoorConfig {
    @WithDefault("8080")
    int port();

    @WithDefault("5s")
    Duration idle();

    Map<String, String> writeKeys();

    Map<String, Hinge> hinges();

    Optional<List<String>> trusted();

    interface Hinge {
      int size();

      @WithDefault("true")
      boolean oiled();
    }

    static void check(DoorConfig config, Checks checks) {
      checks.between("door.port", config.port(), 0, 65_535);
    }
  }

  private static final List<ConfigSection<?>> SECTIONS =
      List.of(
          new ConfigSection<>(DoorConfig.class, DoorConfig::check),
          new ConfigSection<>(RedisConfig.class, RedisConfig::check));

  @TempDir Path conf;

  @Test
  void readsFilesThenEnvironmentThenCommandLine() throws IOException {
    Path file =
        file(
            "door:\n  port: 1\n  idle: 250ms\n  hinges:\n    topLeft: {size: 3}\n  trusted: [10.0.0.0/8, '::1']\n");
    DoorConfig config =
        ConfigLoader.load(
                List.of(file),
                Map.of(
                    "TIDEGATE_DOOR_PORT", "2",
                    "TIDEGATE_DOOR_WRITE_KEYS_SHOP_FRONT", "secret",
                    "TIDEGATE_DOOR_HINGES_TOPLEFT_SIZE", "4",
                    "PATH", "/bin"),
                Map.of("door.idle", "1h"),
                SECTIONS)
            .get(DoorConfig.class);
    assertThat(config.port()).isEqualTo(2);
    assertThat(config.idle()).isEqualTo(Duration.ofHours(1));
    assertThat(config.writeKeys()).containsExactly(Map.entry("shop-front", "secret"));
    assertThat(config.hinges().get("topLeft").size()).isEqualTo(4);
    assertThat(config.trusted()).contains(List.of("10.0.0.0/8", "::1"));
  }

  @Test
  void equalValuesHaveOneFingerprintWhereverTheyAreGiven() throws IOException {
    Path file = file("door:\n  port: 1\n  hinges:\n    top: {size: 3}\n");
    long inFile = fingerprint(List.of(file), Map.of());
    assertThat(fingerprint(List.of(file), Map.of("TIDEGATE_DOOR_IDLE", "5s")))
        .as("its default")
        .isEqualTo(inFile);
    assertThat(fingerprint(List.of(file), Map.of("TIDEGATE_DOOR_PORT", "2")))
        .as("a key that does not count")
        .isEqualTo(inFile);
    assertThat(fingerprint(List.of(file), Map.of("TIDEGATE_DOOR_WRITE_KEYS_SHOP", "x")))
        .as("a secret")
        .isEqualTo(inFile);
    assertThat(fingerprint(List.of(file), Map.of("TIDEGATE_DOOR_HINGES_TOP_SIZE", "4")))
        .isNotEqualTo(inFile);
  }

  private static long fingerprint(List<Path> files, Map<String, String> environment) {
    return ConfigLoader.load(files, environment, Map.of(), SECTIONS)
        .fingerprint(key -> !key.endsWith(".port"));
  }

  @Test
  void isReadAnewFromTheSameSources() throws IOException {
    Path file = file("door:\n  idle: 1s\n");
    Configuration before =
        ConfigLoader.load(List.of(file), Map.of("TIDEGATE_DOOR_PORT", "7"), Map.of(), SECTIONS);
    Files.writeString(before.file("tidegate.yaml"), "door:\n  idle: 2s\n");
    DoorConfig after = before.again().get(DoorConfig.class);
    assertThat(after.idle()).isEqualTo(Duration.ofSeconds(2));
    assertThat(after.port()).isEqualTo(7);
    assertThat(before.get(DoorConfig.class).idle()).isEqualTo(Duration.ofSeconds(1));
  }

  @Test
  void reportsEveryProblemAtOnce() throws IOException {
    Path file =
        file(
            "door:\n  prt: 1\n  idle: soon\n  hinges:\n    top: {oiled: perhaps}\n"
                + "redis:\n  uri: ftp://:hunter2@nowhere\n  max-in-flight: 0\nwindow: {open: true}\n");
    List<Problem> problems =
        problems(file, Map.of("TIDEGATE_DOOR_COLOUR", "red", "TIDEGATE_DOOR_PORT", "x"));
    assertThat(problems)
        .extracting(Problem::toString)
        .containsExactlyInAnyOrder(
            "tidegate.yaml: door.prt: *** (expected: a known key; did you mean door.port?)",
            "tidegate.yaml: door.idle: soon (expected: such as 250ms, 5s, 10m, 1h or PT5S)",
            "tidegate.yaml: door.hinges.top.size: missing (expected: a value)",
            "environment: TIDEGATE_DOOR_COLOUR: *** (expected: TIDEGATE_ and a known key in capitals, such as"
                + " TIDEGATE_EDGE_PORT)",
            "environment: TIDEGATE_DOOR_PORT: x (expected: an integer value)",
            "tidegate.yaml: redis.uri: *** (expected: redis://[:password@]host:port[/database])",
            "tidegate.yaml: redis.max-in-flight: 0 (expected: 1024 to 1000000)",
            "tidegate.yaml: window.open: *** (expected: a known key)");
  }

  @Test
  void checksRangesOnceTypesAreRight() {
    assertThat(problems(conf.resolve("absent.yaml"), Map.of("TIDEGATE_DOOR_PORT", "99999")))
        .containsExactly(new Problem("environment", "TIDEGATE_DOOR_PORT", "99999", "0 to 65535"));
  }

  @Test
  void brokenYamlIsAProblemNotACrash() throws IOException {
    assertThat(problems(file("door: {port: 1\n  : ["), Map.of()))
        .singleElement()
        .satisfies(
            problem -> {
              assertThat(problem.file()).isEqualTo("tidegate.yaml");
              assertThat(problem.expected()).startsWith("valid YAML");
            });
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "door:\n  writeKeys: {web: hunter2",
        "door:\n  write-keys:\n    web: *hunter2\n",
        "door:\n  write-keys:\n    web: !hunter2 x\n",
        "door:\n  write-keys:\n    web: !hunter2!x y\n",
        "door:\n  write-keys:\n    web: @hunter2\n",
        "door:\n  write-keys:\n    web: \"hunter2\\q\"\n",
        "door:\n  write-keys:\n    hunter2: a\n\tb: c\n",
        "door: {hunter2: 1}}\n",
        "hunter2\n",
        "- hunter2\n",
      })
  void brokenYamlIsNotQuoted(String yaml) throws IOException {
    assertThat(problems(file(yaml), Map.of()))
        .isNotEmpty()
        .allSatisfy(
            problem ->
                assertThat(problem.toString())
                    .contains("valid YAML")
                    .doesNotContain("hunter2")
                    .doesNotContain("null"));
  }

  @Test
  void brokenYamlIsToldByItsLine() throws IOException {
    assertThat(problems(file("door:\n  port: 1\n  uri: @hunter2\n"), Map.of()))
        .singleElement()
        .asString()
        .startsWith("tidegate.yaml: (file): line 3: found character '@'");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "auth.write_keys.web",
        "auth.writekeys.web",
        "postgres.passwd",
        "door.keys.web",
        "token"
      })
  void unknownKeysShowNoValue(String key) {
    assertThat(
            catchThrowableOfType(
                ConfigurationException.class,
                () -> ConfigLoader.load(List.of(), Map.of(), Map.of(key, "hunter2"), SECTIONS)))
        .hasMessageContaining(key)
        .hasMessageNotContaining("hunter2");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "postgresql://u:hunter2%zz@h:1/db",
        "postgresql://u:hunter2@h:x/db",
        "postgresql://u:hunter2@h:99999/db",
        "postgresql://u:hunter2@/db",
        "postgresql://u:hunter2 @h/db",
        "postgresql://u:hunter2@h_1 /db",
        "mysql://u:hunter2@h/db",
      })
  void anUnreadablePostgresUriIsToldWithoutItsPassword(String uri) {
    assertThat(unreadable(new ConfigSection<>(PostgresConfig.class, PostgresConfig::check), uri))
        .isEqualTo(
            "command line: postgres.uri: *** (expected: postgresql://user:password@host:port/database)");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "redis://:hunter2%zz@h:1",
        "redis://:hunter2@h:x",
        "redis://:hunter2@h:99999",
        "redis://:hunter2@/0",
        "redis://:hunter2@h/zero",
        "http://:hunter2@h",
      })
  void anUnreadableRedisUriIsToldWithoutItsPassword(String uri) {
    assertThat(unreadable(new ConfigSection<>(RedisConfig.class, RedisConfig::check), uri))
        .isEqualTo(
            "command line: redis.uri: *** (expected: redis://[:password@]host:port[/database])");
  }

  private static String unreadable(ConfigSection<?> section, String uri) {
    Map<String, String> given = Map.of(section.prefix() + ".uri", uri);
    return catchThrowableOfType(
            ConfigurationException.class,
            () -> ConfigLoader.load(List.of(), Map.of(), given, List.of(section)))
        .getMessage();
  }

  @Test
  void readableUrisPass() {
    assertThat(
            ConfigLoader.section(
                    new ConfigSection<>(PostgresConfig.class, PostgresConfig::check),
                    Map.of("postgres.uri", "postgres://u%40x:p%2Fw@db/t?sslmode=disable"))
                .uri())
        .endsWith("disable");
    assertThat(
            ConfigLoader.section(
                    new ConfigSection<>(RedisConfig.class, RedisConfig::check),
                    Map.of("redis.uri", "rediss://user:p%2Fw@cache:6380/3"))
                .uri())
        .endsWith("/3");
  }

  @Test
  void whatOthersReadIsNoUnknownKey() {
    assertThat(
            ConfigLoader.load(
                    List.of(),
                    Map.of("TIDEGATE_CACHE", "/tmp/c", "TIDEGATE_JAVA_OPTS", "-Xmx1g"),
                    Map.of(),
                    SECTIONS)
                .get(DoorConfig.class)
                .port())
        .isEqualTo(8080);
  }

  @Test
  void platformDefaultsAreValid() {
    assertThat(ConfigLoader.section(RedisConfig.class, Map.of()).commandTimeout())
        .isEqualTo(Duration.ofMillis(250));
    assertThat(
            ConfigLoader.section(
                    new ConfigSection<>(PostgresConfig.class, PostgresConfig::check), Map.of())
                .poolSize())
        .isEqualTo(8);
    assertThat(
            ConfigLoader.section(
                    new ConfigSection<>(KafkaConfig.class, KafkaConfig::check), Map.of())
                .servers())
        .isEqualTo("127.0.0.1:9092");
    assertThat(
            ConfigLoader.section(
                    new ConfigSection<>(ManagementConfig.class, ManagementConfig::check), Map.of())
                .port())
        .isEqualTo(8081);
  }

  private Path file(String yaml) throws IOException {
    return Files.writeString(conf.resolve("tidegate.yaml"), yaml);
  }

  private static List<Problem> problems(Path file, Map<String, String> environment) {
    return catchThrowableOfType(
            ConfigurationException.class,
            () -> ConfigLoader.load(List.of(file), environment, Map.of(), SECTIONS))
        .problems();
  }
}
