package io.tidegate.node;

import io.tidegate.ingestion.IngestionConfig;
import io.tidegate.platform.Configuration;
import io.tidegate.platform.Problem;
import io.tidegate.projection.ProjectionConfig;
import java.util.ArrayList;
import java.util.List;

/** What sections that know nothing of one another must agree on. */
final class Agreements {
  private final Configuration configuration;
  private final List<Problem> problems = new ArrayList<>();

  private Agreements(Configuration configuration) {
    this.configuration = configuration;
  }

  static List<Problem> check(Configuration configuration) {
    IngestionConfig ingestion = configuration.get(IngestionConfig.class);
    ProjectionConfig projection = configuration.get(ProjectionConfig.class);
    Agreements agreements = new Agreements(configuration);
    agreements.same("ingestion.topic", ingestion.topic(), "projection.topic", projection.topic());
    agreements.same(
        "ingestion.dlq-topic", ingestion.dlqTopic(), "projection.dlq-topic", projection.dlqTopic());
    agreements.expect(
        ingestion.retention().compareTo(projection.messageIdRetention()) < 0,
        "ingestion.retention",
        ingestion.retention(),
        "projection.message-id-retention",
        projection.messageIdRetention(),
        "shorter than",
        "longer than");
    return agreements.problems;
  }

  private void same(String one, String value, String other, String otherValue) {
    expect(value.equals(otherValue), one, value, other, otherValue, "the same as", "the same as");
  }

  /** Blames the key that is set; the first where both are. */
  private void expect(
      boolean holds,
      String one,
      Object value,
      String other,
      Object otherValue,
      String expected,
      String expectedOfOther) {
    if (holds) {
      return;
    }
    boolean first = configuration.givenBy(one).isPresent();
    String blamed = first ? one : other;
    problems.add(
        new Problem(
            configuration.givenBy(blamed).orElse("default"),
            blamed,
            String.valueOf(first ? value : otherValue),
            "%s %s, which is %s"
                .formatted(
                    first ? expected : expectedOfOther,
                    first ? other : one,
                    first ? otherValue : value)));
  }
}
