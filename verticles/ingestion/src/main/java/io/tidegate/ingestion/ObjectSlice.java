package io.tidegate.ingestion;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Where an object and its members lie in a body, so that two objects can be merged without parsing
 * what is in them.
 */
final class ObjectSlice {
  final int start;
  int end;
  private final List<String> names = new ArrayList<>();
  private int[] bounds = new int[16];

  ObjectSlice(int start) {
    this.start = start;
  }

  void member(String name, int from, int to) {
    int at = names.size() * 2;
    if (at == bounds.length) {
      bounds = Arrays.copyOf(bounds, at * 2);
    }
    bounds[at] = from;
    bounds[at + 1] = to;
    names.add(name);
  }

  /** Writes this object with those members of {@code under} that it does not have itself. */
  void write(byte[] body, JsonBytes out, ObjectSlice under) {
    // Senders choose how many there are: a list would make it their number squared.
    Set<String> own = new HashSet<>(names);
    out.add('{');
    boolean first = true;
    for (int i = 0; i < names.size(); i++) {
      first = writeMember(i, body, out, first);
    }
    for (int i = 0; i < under.names.size(); i++) {
      if (!own.contains(under.names.get(i))) {
        first = under.writeMember(i, body, out, first);
      }
    }
    out.add('}');
  }

  private boolean writeMember(int i, byte[] body, JsonBytes out, boolean first) {
    if (!first) {
      out.add(',');
    }
    out.add(body, bounds[i * 2], bounds[i * 2 + 1]);
    return false;
  }
}
