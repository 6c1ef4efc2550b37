package io.tidegate.projection;

import java.util.Collection;
import java.util.Collections;
import java.util.NavigableSet;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentSkipListSet;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The log's partitions this node owns now. Told by rebalances on the reader's thread; read from any
 * thread.
 */
final class Partitions {
  private static final Logger log = LoggerFactory.getLogger(Partitions.class);

  private final NavigableSet<Integer> owned = new ConcurrentSkipListSet<>();
  private final ProjectionMeters meters;

  Partitions(ProjectionMeters meters) {
    this.meters = meters;
    meters.partitions(owned::size);
  }

  /** A copy. */
  SortedSet<Integer> owned() {
    return Collections.unmodifiableSortedSet(new TreeSet<>(owned));
  }

  void assigned(Collection<TopicPartition> gained) {
    owned.addAll(numbers(gained));
    meters.assigned.increment(gained.size());
    tell("partitions assigned", gained);
  }

  /** Handed over: the group waited for this node to let go of them. */
  void revoked(Collection<TopicPartition> gone) {
    owned.removeAll(numbers(gone));
    meters.revoked.increment(gone.size());
    tell("partitions revoked", gone);
  }

  /** Taken away: the group thought this node dead, and others may have gone on in them already. */
  void lost(Collection<TopicPartition> gone) {
    owned.removeAll(numbers(gone));
    meters.lost.increment(gone.size());
    tell("partitions lost", gone);
  }

  /** The consumer is gone, and with it whatever it owned. */
  void none() {
    owned.clear();
  }

  private void tell(String what, Collection<TopicPartition> moved) {
    if (!moved.isEmpty()) {
      log.atInfo()
          .addKeyValue("partitions", numbers(moved))
          .addKeyValue("owned", owned.size())
          .log(what);
    }
  }

  private static SortedSet<Integer> numbers(Collection<TopicPartition> partitions) {
    SortedSet<Integer> numbers = new TreeSet<>();
    partitions.forEach(partition -> numbers.add(partition.partition()));
    return numbers;
  }
}
