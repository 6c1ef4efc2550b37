package io.tidegate.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidegate.edge.EdgeConfig;
import io.tidegate.edge.auth.AuthConfig;
import io.tidegate.platform.Configuration;
import io.tidegate.platform.KafkaConfig;
import io.tidegate.platform.PostgresConfig;
import io.tidegate.platform.RedisConfig;
import io.tidegate.simulate.DevToken;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What counts for {@code up}: its options, the environment, the files, and last its own. */
class UpSettingsTest {
  private static final Map<String, String> OURS =
      Map.of(
          "postgres.uri", "postgresql://own:own@127.0.0.1:1/own",
          "redis.uri", "redis://127.0.0.1:2",
          "kafka.servers", "127.0.0.1:3");

  @TempDir Path directory;
  private DevKeys keys = new DevKeys(Path.of("private"), Path.of("public"));

  @BeforeEach
  void files() throws IOException {
    for (String file : new String[] {"limits.yaml", "routes.yaml"}) {
      Files.copy(Path.of("../../conf", file), directory.resolve(file));
    }
    file("");
    keys = DevKeys.in(directory.resolve("data"));
  }

  private void file(String yaml) throws IOException {
    Files.writeString(directory.resolve("tidegate.yaml"), yaml);
  }

  private UpSettings settings(Map<String, String> environment, Map<String, String> options) {
    return new UpSettings(directory, environment, options);
  }

  @Test
  void byItselfItStartsItsOwnServersOnTheUsualPorts() {
    UpSettings settings = settings(Map.of(), Map.of());
    assertThat(settings.port()).isEqualTo(8080);
    assertThat(settings.managementPort()).isEqualTo(8081);
    assertThat(settings.server("postgres.uri", "--postgres-uri")).isEmpty();
    assertThat(settings.server("redis.uri", "--redis-uri")).isEmpty();
    assertThat(settings.server("kafka.servers", "--kafka-servers")).isEmpty();
    assertThat(settings.issuer()).isEmpty();
    Configuration all = settings.with(OURS, keys);
    assertThat(all.get(PostgresConfig.class).uri()).isEqualTo(OURS.get("postgres.uri"));
    assertThat(all.get(RedisConfig.class).uri()).isEqualTo(OURS.get("redis.uri"));
    assertThat(all.get(KafkaConfig.class).servers()).isEqualTo(OURS.get("kafka.servers"));
    assertThat(all.get(EdgeConfig.class).drainTimeout()).isEqualTo(Duration.ofSeconds(1));
    AuthConfig auth = all.get(AuthConfig.class);
    assertThat(auth.issuer()).isEqualTo(DevToken.ISSUER);
    assertThat(auth.jwks()).contains(keys.publicKeys().toAbsolutePath().toString());
    assertThat(auth.writeKeys().get("dev").get()).isEqualTo("dev");
  }

  @Test
  void anOptionWinsOverTheEnvironmentAndThatOverTheFile() throws IOException {
    file("edge: {port: 1000}\npostgres: {uri: 'postgresql://f:f@file/t'}");
    UpSettings byFile = settings(Map.of(), Map.of());
    assertThat(byFile.port()).isEqualTo(1000);
    assertThat(byFile.givenBy("edge.port", "--port")).contains("edge.port in tidegate.yaml");
    assertThat(byFile.server("postgres.uri", "--postgres-uri"))
        .contains(
            new UpSettings.Server("postgresql://f:f@file/t", "postgres.uri in tidegate.yaml"));

    Map<String, String> environment =
        Map.of(
            "TIDEGATE_EDGE_PORT", "2000",
            "TIDEGATE_MANAGEMENT_PORT", "2001",
            "TIDEGATE_POSTGRES_URI", "postgresql://e:e@env/t",
            "TIDEGATE_REDIS_URI", "redis://env",
            "TIDEGATE_KAFKA_SERVERS", "env:9092");
    UpSettings byEnvironment = settings(environment, Map.of());
    assertThat(byEnvironment.port()).isEqualTo(2000);
    assertThat(byEnvironment.managementPort()).isEqualTo(2001);
    assertThat(byEnvironment.givenBy("edge.port", "--port")).contains("TIDEGATE_EDGE_PORT");
    assertThat(byEnvironment.server("postgres.uri", "--postgres-uri"))
        .contains(new UpSettings.Server("postgresql://e:e@env/t", "TIDEGATE_POSTGRES_URI"));
    assertThat(byEnvironment.server("redis.uri", "--redis-uri"))
        .contains(new UpSettings.Server("redis://env", "TIDEGATE_REDIS_URI"));
    assertThat(byEnvironment.server("kafka.servers", "--kafka-servers"))
        .contains(new UpSettings.Server("env:9092", "TIDEGATE_KAFKA_SERVERS"));

    UpSettings byOption =
        settings(
            environment, Map.of("edge.port", "3000", "postgres.uri", "postgresql://o:o@option/t"));
    assertThat(byOption.port()).isEqualTo(3000);
    assertThat(byOption.givenBy("edge.port", "--port")).contains("--port");
    assertThat(byOption.server("postgres.uri", "--postgres-uri"))
        .contains(new UpSettings.Server("postgresql://o:o@option/t", "--postgres-uri"));
    Configuration all = byOption.with(OURS, keys);
    assertThat(all.get(EdgeConfig.class).port()).isEqualTo(3000);
    assertThat(all.get(PostgresConfig.class).uri()).isEqualTo("postgresql://o:o@option/t");
    assertThat(all.get(RedisConfig.class).uri()).isEqualTo("redis://env");
  }

  @Test
  void anIssuerOfTheUsersReplacesOursWholly() throws IOException {
    UpSettings settings =
        settings(
            Map.of(
                "TIDEGATE_AUTH_ISSUER", "https://id.example.com/",
                "TIDEGATE_AUTH_WRITE_KEYS_DEV", "hunter2"),
            Map.of());
    assertThat(settings.issuer()).contains("TIDEGATE_AUTH_ISSUER");
    assertThat(settings.writeKey()).contains("TIDEGATE_AUTH_WRITE_KEYS_DEV");
    AuthConfig auth = settings.with(OURS, keys).get(AuthConfig.class);
    assertThat(auth.issuer()).isEqualTo("https://id.example.com/");
    assertThat(auth.jwks()).as("our keys must not sign for another issuer").isEmpty();
    assertThat(auth.writeKeys().get("dev").get()).isEqualTo("hunter2");
    String welcome =
        Welcome.text(
            1,
            2,
            Welcome.Credential.of("dev", settings.writeKey(), "WRITE_KEY"),
            "ada",
            Welcome.Credential.of("ours", settings.issuer(), "TOKEN"));
    assertThat(welcome)
        .contains(
            "Write key   yours, by TIDEGATE_AUTH_WRITE_KEYS_DEV; export WRITE_KEY",
            "Token       yours, by TIDEGATE_AUTH_ISSUER; export TOKEN",
            "-u \"$WRITE_KEY:\"",
            "\"Authorization: Bearer $TOKEN\"")
        .doesNotContain("hunter2");
    assertThat(Welcome.Credential.of("dev", Optional.empty(), "X").inCommands()).isEqualTo("dev");
  }
}
