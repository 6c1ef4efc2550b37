package io.tidegate.platform;

import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A configuration that was checked whole: every section by its mapping interface. */
public final class Configuration {
  private final Map<Class<?>, Object> sections;
  private final Map<String, String> givenBy;

  Configuration(Map<Class<?>, Object> sections, Map<String, String> givenBy) {
    this.sections = Map.copyOf(sections);
    this.givenBy = Map.copyOf(givenBy);
  }

  /**
   * What sets a key: a file's name, an environment variable's, or {@code command line}; none when
   * it has its default.
   */
  public Optional<String> givenBy(String key) {
    return Optional.ofNullable(givenBy.get(key));
  }

  /**
   * One section.
   *
   * @throws IllegalArgumentException when it was not among the sections loaded
   */
  public <T> T get(Class<T> type) {
    @Nullable Object section = sections.get(type);
    if (section == null) {
      throw new IllegalArgumentException(
          "type: " + type.getName() + " (expected: one of " + sections.keySet() + ")");
    }
    return type.cast(section);
  }
}
