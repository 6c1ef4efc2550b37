package io.tidegate.devstack;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A server process under a guard: a small shell that holds a pipe from this JVM and ends the server
 * when the pipe closes, so that not even {@code kill -9} of the JVM leaves the server behind.
 *
 * <p>Both run in a session of their own, so Ctrl-C in a terminal reaches only the JVM, which can
 * then stop things in order.
 */
public final class GuardedProcess {
  private static final Duration KILL_LIMIT = Duration.ofSeconds(2);
  private static final int GRACE_TENTHS = 20;

  private final Process guard;
  private final long pid;
  private final Path pausedFile;
  private List<Long> paused = List.of();

  private GuardedProcess(Process guard, long pid, Path pausedFile) {
    this.guard = guard;
    this.pid = pid;
    this.pausedFile = pausedFile;
  }

  /**
   * Starts the command.
   *
   * @param stopSignal the signal that asks this kind of server for a quick clean stop
   * @param log where the server's output is appended
   */
  public static GuardedProcess start(List<String> command, String stopSignal, Path log) {
    Path pausedFile = log.resolveSibling(log.getFileName() + ".paused");
    List<String> line = new ArrayList<>(List.of("setsid", "sh", "-c", Script.TEXT, "guard"));
    line.addAll(List.of(stopSignal, Integer.toString(GRACE_TENTHS)));
    line.addAll(List.of(log.toString(), pausedFile.toString()));
    line.addAll(command);
    try {
      Files.deleteIfExists(pausedFile);
      Process guard =
          new ProcessBuilder(line).redirectError(ProcessBuilder.Redirect.DISCARD).start();
      return new GuardedProcess(guard, readPid(guard), pausedFile);
    } catch (IOException e) {
      throw new DevStackException("cannot run " + command.getFirst() + ": " + e.getMessage(), e);
    }
  }

  private static long readPid(Process guard) throws IOException {
    BufferedReader output =
        new BufferedReader(
            new InputStreamReader(guard.getInputStream(), StandardCharsets.US_ASCII));
    String line = output.readLine();
    if (line == null) {
      throw new IOException("the guard process ended at once");
    }
    return Long.parseLong(line);
  }

  /** The server's own process id, not the guard's. */
  public long pid() {
    return pid;
  }

  /** Whether the server has not ended. */
  public boolean isRunning() {
    return guard.isAlive();
  }

  /** Asks for a clean stop and returns when the server has ended, by force if it takes too long. */
  public void stop() {
    resume();
    List<Long> family = family();
    try {
      guard.getOutputStream().close();
    } catch (IOException e) {
      // The guard is gone, and what it kept is ended below.
    }
    awaitGuard(KILL_LIMIT.plusMillis(GRACE_TENTHS * 100L));
    end(family);
  }

  /** Ends the server and its children with SIGKILL, as a crash would. */
  void kill() {
    end(family());
    awaitGuard(KILL_LIMIT);
    paused = List.of();
  }

  /** Freezes the server and its children: connections stay open and nothing answers. */
  void pause() {
    Processes.signal("STOP", List.of(pid));
    paused = family();
    try {
      Files.writeString(
          pausedFile, paused.stream().map(Object::toString).collect(Collectors.joining(" ")));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Processes.signal("STOP", paused);
  }

  /** Lets a paused server go on. */
  void resume() {
    Processes.signal("CONT", paused);
    paused = List.of();
    try {
      Files.deleteIfExists(pausedFile);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private List<Long> family() {
    Stream<Long> children =
        ProcessHandle.of(pid).stream().flatMap(ProcessHandle::descendants).map(ProcessHandle::pid);
    return Stream.concat(Stream.of(pid), children).filter(Processes::isRunning).toList();
  }

  private static void end(List<Long> family) {
    Processes.signal("KILL", family.stream().filter(Processes::isRunning).toList());
    if (!Processes.awaitEnd(family, KILL_LIMIT)) {
      throw new DevStackException("processes " + family + " did not end on SIGKILL");
    }
  }

  private void awaitGuard(Duration limit) {
    try {
      if (!guard.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
        guard.destroyForcibly();
      }
    } catch (InterruptedException e) {
      guard.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }

  private static final class Script {
    static final String TEXT = read();

    private static String read() {
      try (InputStream in = GuardedProcess.class.getResourceAsStream("guard.sh")) {
        return new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
