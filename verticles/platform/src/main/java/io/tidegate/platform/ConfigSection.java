package io.tidegate.platform;

import io.smallrye.config.ConfigMapping;
import java.util.function.BiConsumer;

/**
 * One context's part of the configuration: its mapping interface and the checks its types can't
 * make.
 *
 * @param type an interface with {@link ConfigMapping}
 * @param check notes what is wrong; called only when all values have the right type
 */
public record ConfigSection<T>(Class<T> type, BiConsumer<T, Checks> check) {
  /** A section whose types say it all. */
  public static <T> ConfigSection<T> of(Class<T> type) {
    return new ConfigSection<>(type, (config, checks) -> {});
  }

  String prefix() {
    ConfigMapping mapping = type.getAnnotation(ConfigMapping.class);
    if (mapping == null) {
      throw new IllegalArgumentException(
          "type: " + type.getName() + " (expected: an interface with @ConfigMapping)");
    }
    return mapping.prefix();
  }
}
