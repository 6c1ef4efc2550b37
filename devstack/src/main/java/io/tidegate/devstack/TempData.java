package io.tidegate.devstack;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** A locked data directory that is deleted when closed, or else by the next one's making. */
final class TempData implements AutoCloseable {
  static final String PREFIX = "tidegate-dev-";

  private static final Duration SETTLED = Duration.ofMinutes(1);

  private final Path directory;
  private final DataLock lock;

  private TempData(Path directory, DataLock lock) {
    this.directory = directory;
    this.lock = lock;
  }

  static TempData make() {
    try {
      Path parent = Path.of(System.getProperty("java.io.tmpdir"));
      sweep(parent);
      Path directory = Files.createTempDirectory(parent, PREFIX);
      return new TempData(directory, DataLock.take(directory));
    } catch (IOException e) {
      throw new DevStackException("cannot make a temporary directory: " + e, e);
    }
  }

  Path directory() {
    return directory;
  }

  /** Deletes what JVMs that were killed left: directories with a lock file that nobody holds. */
  private static void sweep(Path parent) throws IOException {
    try (DirectoryStream<Path> candidates = Files.newDirectoryStream(parent, PREFIX + "*")) {
      for (Path candidate : candidates) {
        if (Files.isWritable(candidate) && isOld(candidate.resolve("lock"))) {
          deleteUnlessHeld(candidate);
        }
      }
    }
  }

  /** A lock file is written when it is taken; one just made may be about to be. */
  private static boolean isOld(Path lock) throws IOException {
    return Files.isRegularFile(lock)
        && Files.getLastModifiedTime(lock).toInstant().isBefore(Instant.now().minus(SETTLED));
  }

  private static void deleteUnlessHeld(Path candidate) {
    @Nullable DataLock lock = null;
    try {
      lock = DataLock.tryTake(candidate.toRealPath());
      if (lock != null) {
        endServers(candidate);
        Trees.delete(candidate);
      }
    } catch (IOException | RuntimeException e) {
      // Another JVM is deleting it at the same time, or will.
    } finally {
      if (lock != null) {
        lock.close();
      }
    }
  }

  private static void endServers(Path candidate) throws IOException {
    try (DirectoryStream<Path> servers = Files.newDirectoryStream(candidate, "*-[0-9]*")) {
      for (Path server : servers) {
        NativeServer.endIn(server.resolve("data"), "postgres", "INT");
        NativeServer.endIn(server.resolve("data"), "redis-server", "TERM");
      }
    }
  }

  @Override
  public void close() {
    Trees.delete(directory);
    lock.close();
  }
}
