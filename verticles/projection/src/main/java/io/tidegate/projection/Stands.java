package io.tidegate.projection;

import io.vertx.sqlclient.Pool;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Where partitions stand by Postgres, held against what the log still has. */
final class Stands {
  private static final Logger log = LoggerFactory.getLogger(Stands.class);

  /**
   * Where to read on.
   *
   * @param stored the offset in Postgres, against which the next transaction is fenced
   * @param next the record to read next; the same, unless the log no longer has it
   */
  record Place(long stored, long next) {}

  private final Pool pool;
  private final Duration limit;
  private final Announcer announcer;

  Stands(Pool pool, Duration limit, Announcer announcer) {
    this.pool = pool;
    this.limit = limit;
    this.announcer = announcer;
  }

  /** Returns when Postgres answers. */
  void reach() throws StoreException, InterruptedException {
    ProfileTransaction.begin(pool, limit).close();
  }

  /**
   * Where to read on in these partitions, but those that somebody still writes: ask again. Says
   * again what their last transactions changed, since whoever wrote them may not have come to it.
   */
  Map<Integer, Place> placesOf(String topicId, Map<Integer, LogPosition.Bounds> bounds)
      throws StoreException, InterruptedException {
    Map<Integer, Long> begins = new TreeMap<>();
    bounds.forEach((partition, bound) -> begins.put(partition, bound.begin()));
    Map<Integer, OffsetTable.Stand> stored;
    try (ProfileTransaction transaction = ProfileTransaction.begin(pool, limit)) {
      stored = transaction.offsets().stands(topicId, begins);
      Set<String> ids = new HashSet<>();
      stored.values().forEach(stand -> ids.addAll(stand.changedIds()));
      // Committed by whoever wrote it: no need to wait for the end of this transaction.
      announcer.changed(transaction.customers().versions(ids));
      transaction.commit();
    }
    Map<Integer, Place> places = new HashMap<>();
    stored.forEach(
        (partition, stand) -> {
          LogPosition.Bounds bound = bounds.get(partition);
          if (bound != null) {
            places.put(partition, place(partition, stand.nextOffset(), bound));
          }
        });
    return places;
  }

  private static Place place(int partition, long stored, LogPosition.Bounds bounds) {
    if (stored > bounds.end()) {
      log.atError()
          .addKeyValue("partition", partition)
          .addKeyValue("projected", stored)
          .addKeyValue("end", bounds.end())
          .log(
              "the log ends before what was projected: records were lost; reading it from its beginning");
      return new Place(stored, bounds.begin());
    }
    if (stored < bounds.begin()) {
      log.atError()
          .addKeyValue("partition", partition)
          .addKeyValue("projected", stored)
          .addKeyValue("begin", bounds.begin())
          .log("the log dropped records that were not projected yet; going on with what it has");
      return new Place(stored, bounds.begin());
    }
    return new Place(stored, stored);
  }
}
