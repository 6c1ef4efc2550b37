package io.tidegate.platform;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A configuration that was checked whole: every section by its mapping interface. */
public final class Configuration {
  private final Map<Class<?>, Object> sections;

  Configuration(Map<Class<?>, Object> sections) {
    this.sections = Map.copyOf(sections);
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
