package io.tidegate.ingestion;

import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfigBuilder;
import io.tidegate.platform.Durations;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/** The configuration as a node would read it, from keys and values. */
final class TestConfig {
  private TestConfig() {}

  static IngestionConfig of(String... keysAndValues) {
    Map<String, String> values = new HashMap<>();
    for (int i = 0; i < keysAndValues.length; i += 2) {
      values.put("ingestion." + keysAndValues[i], keysAndValues[i + 1]);
    }
    return new SmallRyeConfigBuilder()
        .withMapping(IngestionConfig.class)
        .withConverter(Duration.class, 1_000, new Durations())
        .withSources(new PropertiesConfigSource(values, "test", 1_000))
        .build()
        .getConfigMapping(IngestionConfig.class);
  }
}
