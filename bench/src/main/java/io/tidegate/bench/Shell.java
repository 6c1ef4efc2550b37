package io.tidegate.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Commands that run to their end. */
final class Shell {
  // Programs that run another one, after two arguments of their own.
  private static final Set<String> PREFIXES = Set.of("taskset", "nice");
  private static final int PREFIX = 3;

  private Shell() {}

  /** What a command printed, errors included. */
  static String run(List<String> command, Duration limit) throws InterruptedException {
    return run(command, Path.of("."), limit);
  }

  /**
   * What a command printed, errors included. It is ended when this thread is interrupted.
   *
   * @throws BenchFailure when it can't be run, fails or takes longer, with its last words
   */
  static String run(List<String> command, Path directory, Duration limit)
      throws InterruptedException {
    @Nullable Path output = null;
    try {
      output = Files.createTempFile("tidegate-bench-", ".out");
      Process process =
          new ProcessBuilder(command)
              .directory(directory.toFile())
              .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
              .redirectErrorStream(true)
              .redirectOutput(output.toFile())
              .start();
      try {
        boolean ended = process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS);
        String printed = Files.readString(output, StandardCharsets.UTF_8);
        if (!ended || process.exitValue() != 0) {
          throw new BenchFailure(
              "%s %s: %s"
                  .formatted(
                      nameOf(command),
                      ended ? "ended with " + process.exitValue() : "did not end in time",
                      BenchFailure.lastWords(printed)));
        }
        return printed;
      } finally {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
      }
    } catch (IOException e) {
      throw new BenchFailure(command.getFirst() + ": " + e.getMessage());
    } finally {
      delete(output);
    }
  }

  /** Of the program itself, not of what pins it and puts it ahead. */
  private static String nameOf(List<String> command) {
    List<String> own = command;
    while (own.size() > PREFIX && PREFIXES.contains(own.getFirst())) {
      own = own.subList(PREFIX, own.size());
    }
    return Path.of(own.getFirst()).getFileName().toString();
  }

  private static void delete(@Nullable Path file) {
    if (file != null) {
      try {
        Files.deleteIfExists(file);
      } catch (IOException e) {
        // It is a temporary file.
      }
    }
  }
}
