package io.tidegate.routing;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What stands behind each of a place's literal segments, looked up by a part of a path without
 * cutting it out. Immutable; open addressing, at most half full.
 */
final class Literals<T> {
  private final @Nullable String[] names;
  private final @Nullable Object[] values;
  private final int mask;

  Literals(Map<String, T> all) {
    int slots = Integer.highestOneBit(Math.max(1, all.size()) * 2 - 1) * 2;
    this.names = new String[slots];
    this.values = new Object[slots];
    this.mask = slots - 1;
    all.forEach(
        (name, value) -> {
          int at = slot(hash(name, 0, name.length()));
          while (names[at] != null) {
            at = (at + 1) & mask;
          }
          names[at] = name;
          values[at] = value;
        });
  }

  /** What stands behind the segment that the path has from {@code start} to {@code end}. */
  @SuppressWarnings("unchecked") // only Ts are put in
  @Nullable T get(String path, int start, int end) {
    int length = end - start;
    int at = slot(hash(path, start, end));
    for (@Nullable String name = names[at]; name != null; name = names[at]) {
      if (name.length() == length && path.startsWith(name, start)) {
        return (T) values[at];
      }
      at = (at + 1) & mask;
    }
    return null;
  }

  private int slot(int hash) {
    return (hash ^ hash >>> 16) & mask;
  }

  private static int hash(String text, int start, int end) {
    int hash = 0;
    for (int i = start; i < end; i++) {
      hash = 31 * hash + text.charAt(i);
    }
    return hash;
  }
}
