package io.tidegate.projection;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * How far this node's partitions are behind the log. Written by the reader and Kafka's answers,
 * read by meters.
 */
final class Lag {
  private final Clock clock;
  private final Map<Integer, Long> ends = new ConcurrentHashMap<>();
  private final Map<Integer, Long> stands;
  private volatile Instant caughtUp;

  /**
   * @param stands each partition's next offset to project; may be changed by others at any time
   */
  Lag(Map<Integer, Long> stands, Clock clock) {
    this.stands = stands;
    this.clock = clock;
    this.caughtUp = clock.instant();
  }

  /** Where partitions end now. */
  void ends(Map<Integer, Long> now) {
    ends.keySet().retainAll(now.keySet());
    ends.putAll(now);
    if (records() == 0) {
      caughtUp = clock.instant();
    }
  }

  /** Everything up to here is projected, as far as one batch tells. */
  void projected(Instant receivedAt) {
    if (receivedAt.isAfter(caughtUp)) {
      caughtUp = receivedAt;
    }
  }

  /** Records not yet projected, as of the last time Kafka told. */
  long records() {
    long records = 0;
    for (Map.Entry<Integer, Long> end : ends.entrySet()) {
      records += Math.max(0, end.getValue() - stands.getOrDefault(end.getKey(), end.getValue()));
    }
    return records;
  }

  /**
   * Time since nothing was waiting, or since the newest projected record came; 0 when nothing
   * waits.
   */
  double seconds() {
    return records() == 0
        ? 0
        : Math.max(0, Duration.between(caughtUp, clock.instant()).toMillis() / 1000.0);
  }
}
