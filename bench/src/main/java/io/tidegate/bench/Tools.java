package io.tidegate.bench;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** Programs of the system that a benchmark needs. */
final class Tools {
  private static final Map<String, String> PACKAGES =
      Map.of("h2load", "nghttp2-client", "pgbench", "postgresql-contrib", "taskset", "util-linux");

  private Tools() {}

  /** Where a program is, looked for where shells look and where Debian keeps servers. */
  static Optional<Path> find(String program) {
    String path = System.getenv().getOrDefault("PATH", "");
    return Stream.concat(
            Stream.of(path.split(File.pathSeparator, -1)), List.of("/usr/sbin", "/sbin").stream())
        .filter(folder -> !folder.isEmpty())
        .map(folder -> Path.of(folder, program))
        .filter(Files::isExecutable)
        .findFirst();
  }

  /**
   * Where a program is.
   *
   * @throws BenchFailure when it is not installed, with the package that has it
   */
  static String need(String program) {
    return find(program)
        .orElseThrow(
            () ->
                new BenchFailure(
                    program
                        + " is not installed (Debian: "
                        + PACKAGES.getOrDefault(program, program)
                        + ")"))
        .toString();
  }
}
