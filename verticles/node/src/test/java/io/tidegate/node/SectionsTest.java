package io.tidegate.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.tidegate.platform.ConfigurationException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SectionsTest {
  @TempDir Path conf;

  @BeforeEach
  void files() throws Exception {
    for (String name : List.of("tidegate.yaml", "limits.yaml", "routes.yaml")) {
      Files.writeString(conf.resolve(name), "");
    }
  }

  private List<String> problems(Map<String, String> environment) {
    return catchThrowableOfType(
            ConfigurationException.class, () -> Sections.load(conf, environment, Map.of()))
        .problems()
        .stream()
        .map(Object::toString)
        .filter(problem -> problem.contains("ingestion"))
        .toList();
  }

  @Test
  void topicsOfIngestionAndProjectionMustAgree() throws Exception {
    Files.writeString(
        conf.resolve("tidegate.yaml"), "ingestion: {topic: shop.events, dlq-topic: shop.dlq}");
    assertThat(problems(Map.of("TIDEGATE_PROJECTION_DLQ_TOPIC", "other.dlq")))
        .containsExactly(
            "tidegate.yaml: ingestion.topic: shop.events (expected: the same as projection.topic,"
                + " which is tidegate.events)",
            "tidegate.yaml: ingestion.dlq-topic: shop.dlq (expected: the same as"
                + " projection.dlq-topic, which is other.dlq)");
  }

  @Test
  void messageIdsAreRememberedLongerThanTheLogKeepsEvents() throws Exception {
    Files.writeString(conf.resolve("tidegate.yaml"), "projection: {message-id-retention: 7d}");
    assertThat(problems(Map.of()))
        .containsExactly(
            "tidegate.yaml: projection.message-id-retention: PT168H (expected: longer than"
                + " ingestion.retention, which is PT168H)");
    Files.writeString(conf.resolve("tidegate.yaml"), "ingestion: {retention: 30d}");
    assertThat(problems(Map.of()))
        .containsExactly(
            "tidegate.yaml: ingestion.retention: PT720H (expected: shorter than"
                + " projection.message-id-retention, which is PT720H)");
  }
}
