package io.tidegate.projection;

import io.vertx.sqlclient.Pool;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes records of the log, a batch in one transaction: either all of what they mean is there
 * afterwards, with the offsets past them, or nothing is. Not thread-safe.
 */
final class BatchWriter {
  private static final Logger log = LoggerFactory.getLogger(BatchWriter.class);

  /**
   * Somebody else has moved a partition: this consumer lost it, or an earlier commit got through
   * unanswered.
   */
  static final class FencedException extends Exception {
    FencedException(Map<Integer, Long> expected, Map<Integer, Long> stored) {
      super("offsets: " + stored + " (expected: " + expected + ")", null, false, false);
    }
  }

  private static final long NOWHERE = -1;

  private final Pool pool;
  private final Duration limit;
  private final Ledger.Rules rules;
  private final DayPartitions days;
  private final DeadLetters deadLetters;
  private final Announcer announcer;
  private final ProjectionMeters meters;

  BatchWriter(
      Pool pool,
      Duration limit,
      Ledger.Rules rules,
      DayPartitions days,
      DeadLetters deadLetters,
      Announcer announcer,
      ProjectionMeters meters) {
    this.pool = pool;
    this.limit = limit;
    this.rules = rules;
    this.days = days;
    this.deadLetters = deadLetters;
    this.announcer = announcer;
    this.meters = meters;
  }

  /**
   * Writes records of one topic, each partition's in their order. A record that Postgres refuses is
   * found by halving, and put aside.
   *
   * @param stands each partition's stored offset as last seen; moved on with every commit
   * @param suspect these failed again and again: halve them when they are too much for the
   *     statement timeout, and find and put aside a record on which the projection itself fails.
   *     One at a time, so that a mistake that fails on every record empties no log
   */
  void write(
      String topicId,
      List<ConsumerRecord<byte[], byte[]>> records,
      Map<Integer, Long> stands,
      boolean suspect)
      throws StoreException,
          FencedException,
          DeadLetters.UndeliveredException,
          InterruptedException {
    halve(topicId, records, stands, suspect);
  }

  /** Returns whether there is still a record to be found. */
  private boolean halve(
      String topicId,
      List<ConsumerRecord<byte[], byte[]>> records,
      Map<Integer, Long> stands,
      boolean suspect)
      throws StoreException,
          FencedException,
          DeadLetters.UndeliveredException,
          InterruptedException {
    int half = records.size() / 2;
    try {
      attempt(topicId, records, stands, null);
      return suspect;
    } catch (StoreException e) {
      if (e.lacksPartition()) {
        days.lookAgain();
      }
      if (!e.refusesData() && !(suspect && e.tookTooLong() && half > 0)) {
        throw e;
      }
      if (half == 0) {
        attempt(topicId, records, stands, "the database refuses it: " + e.getMessage());
        return suspect;
      }
    } catch (RuntimeException e) {
      if (!suspect) {
        throw e;
      }
      if (half == 0) {
        attempt(topicId, records, stands, "the projection fails on it: " + e);
        return false;
      }
    }
    boolean still = halve(topicId, records.subList(0, half), stands, suspect);
    return halve(topicId, records.subList(half, records.size()), stands, still);
  }

  private void attempt(
      String topicId,
      List<ConsumerRecord<byte[], byte[]>> records,
      Map<Integer, Long> stands,
      @Nullable String refusal)
      throws StoreException,
          FencedException,
          DeadLetters.UndeliveredException,
          InterruptedException {
    long began = System.nanoTime();
    Batch batch = new Batch(records, refusal);
    days.require(batch.first.values().stream().map(DayPartitions::dayOf).toList());
    Map<Integer, Long> expected = batch.partitionsOf(stands);
    Map<String, Long> changes;
    try (ProfileTransaction transaction = ProfileTransaction.begin(pool, limit)) {
      Map<Integer, Long> stored = transaction.offsets().lock(topicId, expected.keySet());
      if (!stored.equals(expected)) {
        throw new FencedException(expected, stored);
      }
      changes = apply(batch, transaction);
      transaction.offsets().advance(topicId, batch.nextOffsets, changes.keySet());
      deadLetters.send(batch.letters);
      transaction.commit();
    }
    stands.putAll(batch.nextOffsets);
    announcer.changed(changes);
    batch.count(System.nanoTime() - began);
  }

  /** All of a batch but its offsets. @return versions of the ids that show something else then */
  private Map<String, Long> apply(Batch batch, ProfileTransaction transaction)
      throws StoreException, InterruptedException {
    if (batch.first.isEmpty()) {
      return Map.of();
    }
    Set<String> fresh = transaction.messageIds().record(batch.first.values());
    List<ConsumerRecord<byte[], byte[]>> logs = new ArrayList<>();
    List<Event> events = new ArrayList<>();
    batch.first.forEach(
        (record, event) -> {
          if (fresh.contains(event.messageId())) {
            logs.add(record);
            events.add(event);
          }
        });
    batch.duplicates += batch.first.size() - events.size();
    Ledger ledger = new Ledger(rules, load(events, transaction));
    List<String> refused = new ArrayList<>();
    for (int i = 0; i < events.size(); i++) {
      Event event = events.get(i);
      try {
        switch (ledger.apply(event)) {
          case PROJECTED -> batch.projected++;
          case ERASED -> batch.erased++;
        }
      } catch (UnprojectableException e) {
        refused.add(event.messageId());
        batch.letters.add(new DeadLetters.Letter(logs.get(i), e.reason()));
      }
    }
    ledger.finish();
    transaction.customers().save(ledger.dirty());
    transaction.events().add(ledger.booked());
    if (!refused.isEmpty()) {
      transaction.messageIds().forget(refused); // mended, it may come again
    }
    return ledger.changes();
  }

  private static Map<String, Customer> load(
      Collection<Event> events, ProfileTransaction transaction)
      throws StoreException, InterruptedException {
    if (events.isEmpty()) {
      return Map.of();
    }
    Set<String> ids = new HashSet<>();
    Set<String> linking = new HashSet<>();
    for (Event event : events) {
      ids.addAll(event.ids());
      @Nullable String linked = event.linkedId();
      if (linked != null) {
        linking.add(linked);
      }
    }
    return transaction.customers().lock(ids, linking);
  }

  /** Records read, and what became of them. */
  private final class Batch {
    /** The first event of each message id, by its record, in the log's order. */
    final Map<ConsumerRecord<byte[], byte[]>, Event> first = new LinkedHashMap<>();

    final List<DeadLetters.Letter> letters = new ArrayList<>();
    final Map<Integer, Long> nextOffsets = new TreeMap<>();
    int duplicates;
    int projected;
    int erased;

    Batch(List<ConsumerRecord<byte[], byte[]>> records, @Nullable String refusal) {
      Set<String> messageIds = new HashSet<>();
      for (ConsumerRecord<byte[], byte[]> record : records) {
        nextOffsets.put(record.partition(), record.offset() + 1);
        try {
          if (refusal != null) {
            throw new UnprojectableException(refusal);
          }
          Event event = EventReader.read(record);
          days.check(event);
          if (messageIds.add(event.messageId())) {
            first.put(record, event);
          } else {
            duplicates++;
          }
        } catch (UnprojectableException e) {
          letters.add(new DeadLetters.Letter(record, e.reason()));
        }
      }
    }

    Map<Integer, Long> partitionsOf(Map<Integer, Long> stands) {
      Map<Integer, Long> own = new HashMap<>();
      for (int partition : nextOffsets.keySet()) {
        own.put(partition, stands.getOrDefault(partition, NOWHERE)); // which no stored offset is
      }
      return own;
    }

    void count(long nanos) {
      meters.projected.increment(projected);
      meters.duplicate.increment(duplicates);
      meters.erased.increment(erased);
      meters.deadLettered.increment(letters.size());
      meters.batch.record(Duration.ofNanos(nanos));
      if (!letters.isEmpty()) {
        DeadLetters.Letter one = letters.getFirst();
        log.atWarn()
            .addKeyValue("records", letters.size())
            .addKeyValue("partition", one.log().partition())
            .addKeyValue("offset", one.log().offset())
            .addKeyValue("reason", one.reason())
            .log("records put aside in the dead-letter topic");
      }
    }
  }
}
