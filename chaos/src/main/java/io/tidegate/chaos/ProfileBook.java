package io.tidegate.chaos;

import java.util.HashMap;
import java.util.Map;
import java.util.Map.Entry;
import java.util.TreeMap;

/**
 * The versions that customers are known to have had in Postgres, and since when; says whether a
 * read was older than the promise allows. Versions of a customer only grow.
 */
final class ProfileBook {
  private static final int KEPT = 4_096;

  private final long promiseNanos;
  private final Map<String, TreeMap<Long, Long>> versions = new HashMap<>();

  /**
   * An empty book.
   *
   * @param promiseNanos a read that begins so long after a version was there shows it or a newer
   *     one
   */
  ProfileBook(long promiseNanos) {
    this.promiseNanos = promiseNanos;
  }

  /** Postgres had this version at this time, or earlier. */
  synchronized void observed(String customer, long version, long at) {
    TreeMap<Long, Long> known = versions.computeIfAbsent(customer, id -> new TreeMap<>());
    Entry<Long, Long> last = known.lastEntry();
    if (last == null || version > last.getValue()) {
      known.put(at, version);
      if (known.size() > KEPT) {
        known.pollFirstEntry();
      }
    }
  }

  /** Whether a read that began then and showed this version breaks the promise. */
  synchronized boolean isTooOld(String customer, long version, long begun) {
    TreeMap<Long, Long> known = versions.get(customer);
    Entry<Long, Long> due = known == null ? null : known.floorEntry(begun - promiseNanos);
    return due != null && version < due.getValue();
  }
}
