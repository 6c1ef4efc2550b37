package io.tidegate.devstack;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/** One server that runs as a process on its own data directory and port; the base of two kinds. */
final class NativeServer {
  private static final Duration START_LIMIT = Duration.ofSeconds(60);
  private static final Duration PROBE_LIMIT = Duration.ofSeconds(2);
  private static final long LOG_LIMIT = 8 << 20;

  /**
   * What to run.
   *
   * @param workDir the directory the server works in, absolute and without links
   * @param stopSignal what asks it for a quick clean stop
   */
  record Recipe(
      String name,
      String executable,
      Path workDir,
      Path log,
      int port,
      String stopSignal,
      List<String> command,
      Probe probe) {}

  private final Recipe recipe;
  private volatile GuardedProcess process;

  private NativeServer(Recipe recipe, GuardedProcess process) {
    this.recipe = recipe;
    this.process = process;
  }

  /** Clears what an earlier run left in the data directory, starts, and waits for an answer. */
  static NativeServer start(Recipe recipe) {
    endIn(recipe.workDir, recipe.executable, recipe.stopSignal);
    return new NativeServer(recipe, launch(recipe));
  }

  synchronized void startAgain() {
    if (process.isRunning()) {
      throw new DevStackException(recipe.name + " is running (expected: stopped or killed)");
    }
    process = launch(recipe);
  }

  synchronized void stop() {
    process.stop();
  }

  synchronized void kill() {
    process.kill();
  }

  synchronized void pause() {
    process.pause();
  }

  synchronized void resume() {
    process.resume();
  }

  boolean isRunning() {
    return process.isRunning();
  }

  /** Ends servers that hold the directory: a guard that was itself killed could leave one. */
  static void endIn(Path workDir, String executable, String stopSignal) {
    List<Long> left = Processes.workingIn(workDir, executable);
    if (left.isEmpty()) {
      return;
    }
    Processes.signal("CONT", left);
    Processes.signal(stopSignal, left);
    if (!Processes.awaitEnd(left, Duration.ofSeconds(3))) {
      Processes.signal("KILL", left);
      if (!Processes.awaitEnd(left, Duration.ofSeconds(2))) {
        throw new DevStackException(
            executable + " of an earlier run does not end: processes " + left);
      }
    }
  }

  private static GuardedProcess launch(Recipe recipe) {
    Ports.requireFree(recipe.name, recipe.port);
    limitLog(recipe.log);
    GuardedProcess process = GuardedProcess.start(recipe.command, recipe.stopSignal, recipe.log);
    long deadline = System.nanoTime() + START_LIMIT.toNanos();
    while (true) {
      try {
        recipe.probe.ask(PROBE_LIMIT);
        return process;
      } catch (IOException e) {
        if (!process.isRunning()) {
          throw new DevStackException(
              recipe.name + " ended while starting: " + lastLine(recipe), e);
        }
        if (System.nanoTime() > deadline || Thread.currentThread().isInterrupted()) {
          process.stop();
          throw new DevStackException(
              recipe.name + " did not answer within " + START_LIMIT.toSeconds() + " s", e);
        }
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(15));
      }
    }
  }

  private static void limitLog(Path log) {
    try {
      if (Files.exists(log) && Files.size(log) > LOG_LIMIT) {
        Files.delete(log);
      }
    } catch (IOException e) {
      throw new DevStackException("cannot write " + log + ": " + e, e);
    }
  }

  private static String lastLine(Recipe recipe) {
    try (Stream<String> lines = Files.lines(recipe.log)) {
      String line = lines.filter(text -> !text.isBlank()).reduce("", (first, second) -> second);
      return line.strip() + " (see " + recipe.log + ")";
    } catch (IOException | RuntimeException e) {
      return "see " + recipe.log;
    }
  }
}
