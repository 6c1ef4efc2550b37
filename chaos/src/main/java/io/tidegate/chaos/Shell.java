package io.tidegate.chaos;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Short commands of the system, run to their end. */
final class Shell {
  private static final long LIMIT_SECONDS = 10;

  private Shell() {}

  /**
   * What a command printed.
   *
   * @throws ChaosFailure when it failed, with its words
   */
  static String run(String... command) throws InterruptedException {
    Process process;
    String output;
    try {
      process = new ProcessBuilder(command).redirectErrorStream(true).start();
      process.getOutputStream().close();
      output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    } catch (IOException e) {
      throw new ChaosFailure(command[0] + ": " + e.getMessage());
    }
    if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
      process.destroyForcibly();
      throw new ChaosFailure(String.join(" ", command) + ": no end after " + LIMIT_SECONDS + " s");
    }
    if (process.exitValue() != 0) {
      throw new ChaosFailure(String.join(" ", command) + ": " + output);
    }
    return output;
  }

  /** Sends a signal, such as {@code STOP}, to one process. */
  static void signal(String signal, long pid) throws InterruptedException {
    run("sh", "-c", "kill -" + signal + " " + pid);
  }

  /** The lines of what a command printed; none when it failed. */
  static List<String> lines(String... command) throws InterruptedException {
    try {
      return run(command).lines().toList();
    } catch (ChaosFailure e) {
      return List.of();
    }
  }
}
