package io.tidegate.devstack;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** The right to use a data directory, which one process has at a time, and loses when it ends. */
final class DataLock implements AutoCloseable {
  /**
   * Directories locked by this JVM. The system's lock is the process's: opening the file a second
   * time and closing it would give the lock up.
   */
  private static final Set<Path> HELD = ConcurrentHashMap.newKeySet();

  private final Path directory;
  private final FileChannel file;

  private DataLock(Path directory, FileChannel file) {
    this.directory = directory;
    this.file = file;
  }

  /**
   * Takes the directory, which is made if it isn't there.
   *
   * @throws DevStackException when another process, or another part of this one, has it
   */
  static DataLock take(Path wanted) {
    try {
      Path directory = Files.createDirectories(wanted).toRealPath();
      DataLock lock = tryTake(directory);
      if (lock == null) {
        throw new DevStackException(
            "data directory " + wanted + " is in use by process " + holder(directory));
      }
      return lock;
    } catch (IOException e) {
      throw new DevStackException("cannot use data directory " + wanted + ": " + e, e);
    }
  }

  /** Takes the directory, or returns null when it is taken. */
  static @Nullable DataLock tryTake(Path directory) throws IOException {
    if (!HELD.add(directory)) {
      return null;
    }
    FileChannel file = null;
    FileLock lock = null;
    try {
      file =
          FileChannel.open(
              directory.resolve("lock"),
              StandardOpenOption.CREATE,
              StandardOpenOption.READ,
              StandardOpenOption.WRITE);
      lock = file.tryLock();
      if (lock == null) {
        return null;
      }
      String pid = Long.toString(ProcessHandle.current().pid());
      file.truncate(0);
      file.write(ByteBuffer.wrap(pid.getBytes(StandardCharsets.US_ASCII)));
      return new DataLock(directory, file);
    } finally {
      if (lock == null) {
        HELD.remove(directory);
        if (file != null) {
          file.close();
        }
      }
    }
  }

  private static String holder(Path directory) throws IOException {
    if (HELD.contains(directory)) {
      return ProcessHandle.current().pid() + " (this one)";
    }
    return Files.readString(directory.resolve("lock")).strip();
  }

  @Override
  public void close() {
    try {
      file.close();
    } catch (IOException e) {
      throw new DevStackException("cannot release " + directory + ": " + e, e);
    } finally {
      HELD.remove(directory);
    }
  }
}
