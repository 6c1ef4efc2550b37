package io.tidegate.bench;

import io.tidegate.devstack.GuardedProcess;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A server that runs while it is measured, in a process of its own. It ends when it is closed and,
 * whatever becomes of this process, with it.
 */
final class Child implements AutoCloseable {
  private static final long POLL_MILLIS = 20;

  private final String name;
  private final GuardedProcess process;
  private final Path log;

  private Child(String name, GuardedProcess process, Path log) {
    this.name = name;
    this.process = process;
    this.log = log;
  }

  /**
   * Starts a server and returns at once.
   *
   * @param directory where its log goes
   */
  static Child start(String name, List<String> command, Path directory) {
    Path log = directory.resolve(name + ".log");
    return new Child(name, GuardedProcess.start(command, "TERM", log), log);
  }

  long pid() {
    return process.pid();
  }

  Usage usage() {
    return Usage.of(process.pid());
  }

  /** Whether it runs on a JVM, which compiles while it runs. */
  boolean isJava() {
    try {
      return Files.readString(Path.of("/proc", Long.toString(pid()), "comm"))
          .strip()
          .equals("java");
    } catch (IOException e) {
      return false;
    }
  }

  boolean isRunning() {
    return process.isRunning();
  }

  /** What is waited for. */
  @FunctionalInterface
  interface Condition {
    boolean holds() throws InterruptedException;
  }

  /** Waits until someone listens. */
  void awaitPort(int port, Duration limit) throws InterruptedException {
    await(limit, () -> accepts(port));
  }

  /**
   * Waits for something that the server does.
   *
   * @throws BenchFailure when it ends or takes too long, with the end of its log
   */
  void await(Duration limit, Condition condition) throws InterruptedException {
    long deadline = System.nanoTime() + limit.toNanos();
    while (!condition.holds()) {
      if (!isRunning()) {
        throw new BenchFailure(name + " ended at once: " + tail());
      }
      if (System.nanoTime() > deadline) {
        throw new BenchFailure(
            name + " was not ready after " + limit.toSeconds() + " s: " + tail());
      }
      TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
    }
  }

  private static boolean accepts(int port) {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1_000);
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  private String tail() {
    try {
      return BenchFailure.lastWords(Files.readString(log)) + " (" + log + ")";
    } catch (IOException e) {
      return "no log: " + e.getMessage();
    }
  }

  @Override
  public void close() {
    process.stop();
  }
}
