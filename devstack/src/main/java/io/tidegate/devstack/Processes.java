package io.tidegate.devstack;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/** Processes of this machine as {@code /proc} shows them, and signals to them. */
final class Processes {
  private static final Path PROC = Path.of("/proc");

  private Processes() {}

  /**
   * Whether the process exists and still runs; one that has ended and waits to be reaped does not.
   */
  static boolean isRunning(long pid) {
    try {
      String stat = Files.readString(PROC.resolve(pid + "/stat"));
      char state = stat.charAt(stat.lastIndexOf(')') + 2);
      return state != 'Z' && state != 'X';
    } catch (IOException | IndexOutOfBoundsException e) {
      return false;
    }
  }

  /**
   * The processes that run this executable with this working directory: a server works in its data
   * directory, so these are the ones that hold it, whoever started them.
   */
  static List<Long> workingIn(Path directory, String executable) {
    List<Long> found = new ArrayList<>();
    try (Stream<Path> entries = Files.list(PROC)) {
      for (Path entry : (Iterable<Path>) entries::iterator) {
        if (Character.isDigit(entry.getFileName().toString().charAt(0))
            && runs(entry, directory, executable)) {
          found.add(Long.valueOf(entry.getFileName().toString()));
        }
      }
    } catch (IOException e) {
      throw new DevStackException("cannot list processes in /proc: " + e.getMessage(), e);
    }
    return found;
  }

  private static boolean runs(Path process, Path directory, String executable) {
    try {
      return Files.readSymbolicLink(process.resolve("cwd")).equals(directory)
          && Files.readString(process.resolve("comm")).strip().equals(executable);
    } catch (IOException e) {
      return false; // ended meanwhile, or not ours to look at
    }
  }

  /** Sends a signal, such as {@code STOP}; processes that are gone are passed over. */
  static void signal(String signal, Collection<Long> pids) {
    if (pids.isEmpty()) {
      return;
    }
    List<String> command = new ArrayList<>(List.of("sh", "-c", "kill -\"$@\"", "kill", signal));
    pids.forEach(pid -> command.add(pid.toString()));
    run(command, Duration.ofSeconds(5));
  }

  /** Waits until none of them runs; false when the time is up first. */
  static boolean awaitEnd(Collection<Long> pids, Duration limit) {
    long deadline = System.nanoTime() + limit.toNanos();
    while (pids.stream().anyMatch(Processes::isRunning)) {
      if (System.nanoTime() > deadline) {
        return false;
      }
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(10));
    }
    return true;
  }

  /**
   * Runs a short command without input or output and returns its exit status; -1 if it can't run.
   */
  static int run(List<String> command, Duration limit) {
    try {
      Process process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
        process.destroyForcibly();
        return -1;
      }
      return process.exitValue();
    } catch (IOException e) {
      return -1;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new DevStackException("interrupted while running " + command.getFirst(), e);
    }
  }
}
