package io.tidegate.routing;

import io.tidegate.routing.RouteFile.Checked;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import org.jspecify.annotations.Nullable;

/**
 * Notices that routes.yaml is another, by looking: that also sees renames over it, and the symbolic
 * links that Kubernetes swaps. A file that still changes from one look to the next is left until it
 * rests, so that half of one is not read. Blocks: not for event loops. One look at a time.
 */
final class RouteFileWatch {
  /** What tells one state of the file from another; null values where there is none. */
  private record Seen(@Nullable FileTime modified, long size, @Nullable Object key) {}

  private final RouteFile file;
  private Seen loaded = new Seen(null, -1, null);
  private Seen last = loaded;

  RouteFileWatch(RouteFile file) {
    this.file = file;
  }

  RouteFile file() {
    return file;
  }

  /** The file as it is now. */
  Checked first() {
    loaded = see();
    last = loaded;
    return file.read();
  }

  /**
   * The file, if it is another than at the last load and rests; else null. Tells of each state
   * once.
   *
   * @throws io.tidegate.platform.ConfigurationException when it is bad
   */
  @Nullable Checked look() {
    Seen now = see();
    boolean rests = now.equals(last);
    last = now;
    if (!rests || now.equals(loaded)) {
      return null;
    }
    loaded = now;
    return file.read();
  }

  private Seen see() {
    try {
      BasicFileAttributes attributes = Files.readAttributes(file.path(), BasicFileAttributes.class);
      return new Seen(attributes.lastModifiedTime(), attributes.size(), attributes.fileKey());
    } catch (IOException e) {
      return new Seen(null, 0, null);
    }
  }
}
