package io.tidegate.projection;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Looks after the log now and then: which topic it is, where its partitions end, whether Kafka
 * answers at all. Asked by one thread, answered by Kafka's.
 */
final class LogWatch {
  private final LogPosition position;
  private final Duration interval;
  private final Link kafka;
  private final Lag lag;
  private volatile @Nullable String topicId;
  private volatile boolean asking;
  private long dueAt = System.nanoTime();

  LogWatch(LogPosition position, Duration interval, Link kafka, Lag lag) {
    this.position = position;
    this.interval = interval;
    this.kafka = kafka;
    this.lag = lag;
  }

  /** The topic's id as last seen: another one when it was deleted and made anew. */
  @Nullable String topicId() {
    return topicId;
  }

  void saw(String id) {
    topicId = id;
  }

  /** Asks Kafka, if it is time to. @return whether it was */
  boolean look(Set<Integer> partitions) {
    if (asking || System.nanoTime() - dueAt < 0) {
      return false;
    }
    asking = true;
    dueAt = System.nanoTime() + interval.toNanos();
    position
        .topicId()
        .toCompletionStage()
        .whenComplete(
            (id, failure) -> {
              if (failure == null) {
                topicId = id;
                kafka.works();
              } else {
                kafka.fails(failure.getCause() == null ? failure : failure.getCause());
              }
              asking = false;
            });
    position
        .ends(Set.copyOf(partitions))
        .toCompletionStage()
        .whenComplete(
            (ends, failure) -> {
              if (failure == null) {
                Map<Integer, Long> byPartition = new HashMap<>();
                ends.forEach(
                    (partition, end) -> byPartition.put(partition.partition(), end.offset()));
                lag.ends(byPartition);
              }
            });
    return true;
  }
}
