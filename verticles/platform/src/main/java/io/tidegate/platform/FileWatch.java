package io.tidegate.platform;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import org.jspecify.annotations.Nullable;

/**
 * Notices that a file is another, by looking: that also sees renames over it, and the symbolic
 * links that Kubernetes swaps. A file that still changes from one look to the next is left until it
 * rests, so that half of one is not read. Blocks: not for event loops. One look at a time.
 */
public final class FileWatch {
  /** What tells one state of the file from another; null values where there is none. */
  private record Seen(@Nullable FileTime modified, long size, @Nullable Object key) {}

  private final Path path;
  private Seen known = new Seen(null, -1, null);
  private Seen last = known;

  public FileWatch(Path path) {
    this.path = path;
  }

  public Path path() {
    return path;
  }

  /** Takes note of the file as it is now; to be called before it is read first. */
  public void begin() {
    known = see();
    last = known;
  }

  /** Whether it is another than the one known, and rests; then that one is known. */
  public boolean changed() {
    Seen now = see();
    boolean rests = now.equals(last);
    last = now;
    if (!rests || now.equals(known)) {
      return false;
    }
    known = now;
    return true;
  }

  /** When the one known was written, milliseconds since 1970; 0 when there is none. */
  public long modifiedMillis() {
    FileTime modified = known.modified();
    return modified == null ? 0 : modified.toMillis();
  }

  private Seen see() {
    try {
      BasicFileAttributes attributes = Files.readAttributes(path, BasicFileAttributes.class);
      return new Seen(attributes.lastModifiedTime(), attributes.size(), attributes.fileKey());
    } catch (IOException e) {
      return new Seen(null, 0, null);
    }
  }
}
