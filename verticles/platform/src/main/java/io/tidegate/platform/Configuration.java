package io.tidegate.platform;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/** A configuration that was checked whole: every section by its mapping interface. */
public final class Configuration {
  private final Map<Class<?>, Object> sections;
  private final Map<String, String> givenBy;
  private final Map<String, String> effective;
  private final List<Path> files;
  private final Supplier<Configuration> again;

  /**
   * @param effective values in effect that are no secrets
   * @param again reads the same sources anew
   */
  Configuration(
      Map<Class<?>, Object> sections,
      Map<String, String> givenBy,
      Map<String, String> effective,
      List<Path> files,
      Supplier<Configuration> again) {
    this.sections = Map.copyOf(sections);
    this.givenBy = Map.copyOf(givenBy);
    this.effective = Map.copyOf(effective);
    this.files = List.copyOf(files);
    this.again = again;
  }

  /**
   * The same files, environment and command line, read and checked anew. Blocks.
   *
   * @throws ConfigurationException with every problem found
   */
  public Configuration again() {
    return again.get();
  }

  /**
   * A number below 2^32 that is equal where the values of these keys are in effect equal, whatever
   * sets them; secrets do not count.
   */
  public long fingerprint(Predicate<String> keys) {
    CRC32C sum = new CRC32C();
    new TreeMap<>(effective)
        .forEach(
            (key, value) -> {
              if (keys.test(key)) {
                sum.update((key + '=' + value + '\n').getBytes(StandardCharsets.UTF_8));
              }
            });
    return sum.getValue();
  }

  /**
   * What sets a key: a file's name, an environment variable's, or {@code command line}; none when
   * it has its default.
   */
  public Optional<String> givenBy(String key) {
    return Optional.ofNullable(givenBy.get(key));
  }

  /**
   * One of the files it was read from, which may be missing.
   *
   * @throws IllegalArgumentException when it was not among them
   */
  public Path file(String name) {
    return files.stream()
        .filter(file -> file.endsWith(name))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "name: " + name + " (expected: one of " + files + ")"));
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
