package io.tidegate.projection;

import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.common.TopicPartition;

/**
 * How often in a row each partition failed in a way that one of its records may be to blame for.
 * Not thread-safe.
 */
final class Failures {
  /** So many may be chance. */
  private static final int CHANCE = 3;

  private final Map<Integer, Integer> inARow = new HashMap<>();

  void failed(Collection<TopicPartition> partitions) {
    partitions.forEach(partition -> inARow.merge(partition.partition(), 1, Integer::sum));
  }

  void succeeded(Collection<TopicPartition> partitions) {
    partitions.forEach(partition -> inARow.remove(partition.partition()));
  }

  /** Whether a record among these partitions' is to be looked for. */
  boolean suspect(Collection<TopicPartition> partitions) {
    return partitions.stream()
        .anyMatch(partition -> inARow.getOrDefault(partition.partition(), 0) >= CHANCE);
  }

  boolean none() {
    return inARow.isEmpty();
  }
}
