package io.tidegate.devstack;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** A locked data directory that is deleted when closed, or else by the next one's making. */
final class TempData implements AutoCloseable {
  private static final String PREFIX = "tidegate-dev-";

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
        if (Files.isWritable(candidate) && Files.isRegularFile(candidate.resolve("lock"))) {
          deleteUnlessHeld(candidate);
        }
      }
    }
  }

  private static void deleteUnlessHeld(Path candidate) {
    @Nullable DataLock unused = null;
    try {
      unused = DataLock.tryTake(candidate.toRealPath());
      if (unused != null) {
        endServers(candidate);
        Trees.delete(candidate);
      }
    } catch (IOException | RuntimeException e) {
      // Another JVM is deleting it at the same time, or will.
    } finally {
      if (unused != null) {
        unused.close();
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
