package io.tidegate.node;

import io.smallrye.config.ConfigMappingLoader;
import io.smallrye.config.ConfigMappingMetadata;
import io.tidegate.platform.ConfigSection;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A step of the build: writes the classes that stand behind the configuration's interfaces.
 * SmallRye generates each at every start unless it finds it on the class path; there, the AOT cache
 * can hold it too.
 */
final class MappingClasses {
  private MappingClasses() {}

  /**
   * Writes the classes of all sections.
   *
   * @param arguments the directory they go to
   */
  public static void main(String... arguments) throws IOException {
    Path directory = Path.of(arguments[0]);
    for (ConfigSection<?> section : Sections.ALL) {
      for (ConfigMappingMetadata made :
          ConfigMappingLoader.getConfigMappingsMetadata(section.type())) {
        Path file = directory.resolve(made.getClassName().replace('.', '/') + ".class");
        Files.createDirectories(file.resolveSibling("."));
        Files.write(file, made.getClassBytes());
      }
    }
  }
}
