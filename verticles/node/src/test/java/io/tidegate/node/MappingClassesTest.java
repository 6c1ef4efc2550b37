package io.tidegate.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidegate.platform.ConfigSection;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the build writes is what SmallRye looks for before it generates a class. */
class MappingClassesTest {
  @TempDir Path directory;

  @Test
  void everySectionHasItsClass() throws IOException {
    MappingClasses.main(directory.toString());
    for (ConfigSection<?> section : Sections.ALL) {
      String name = section.type().getName().replace('.', '/') + "$$CMImpl.class";
      assertThat(directory.resolve(name)).isNotEmptyFile();
    }
    assertThat(directory.resolve("io/tidegate/ratelimit/LimitsConfig$PolicyConfig$$CMImpl.class"))
        .isNotEmptyFile();
  }
}
