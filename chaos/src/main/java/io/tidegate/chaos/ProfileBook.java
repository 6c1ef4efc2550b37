package io.tidegate.chaos;

import java.util.HashMap;
import java.util.Map;
import java.util.Map.Entry;
import java.util.TreeMap;

/**
 * The versions that customers are known to have had in Postgres, and since when; says how old a
 * read was. Versions of a customer only grow.
 */
final class ProfileBook {
  private static final int KEPT = 4_096;

  /** When each version was first seen, by customer. */
  private final Map<String, TreeMap<Long, Long>> seen = new HashMap<>();

  /** Postgres had this version at this time, or earlier. */
  synchronized void observed(String customer, long version, long at) {
    TreeMap<Long, Long> known = seen.computeIfAbsent(customer, id -> new TreeMap<>());
    if (known.isEmpty() || version > known.lastKey()) {
      known.put(version, at);
      if (known.size() > KEPT) {
        known.pollFirstEntry();
      }
    }
  }

  /**
   * For how long, in nanoseconds, there had been a newer version in Postgres when a read began that
   * showed this one; 0 when there was none.
   */
  synchronized long age(String customer, long version, long begun) {
    TreeMap<Long, Long> known = seen.get(customer);
    Entry<Long, Long> newer = known == null ? null : known.higherEntry(version);
    return newer == null ? 0 : Math.max(0, begun - newer.getValue());
  }
}
