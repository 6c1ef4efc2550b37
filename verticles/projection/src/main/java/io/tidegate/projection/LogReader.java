package io.tidegate.projection;

import io.micrometer.core.instrument.Counter;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.InvalidOffsetException;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One member of the consumer group: polls, has batches written, goes on. Whatever fails, its
 * partitions are set back to where Postgres says they stand, which is the only way that anything is
 * tried again. Runs on one thread; polling never pauses for long, so that the group keeps this
 * member. While Postgres does not answer it leaves the group: it may answer other members.
 */
final class LogReader implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(LogReader.class);
  private static final Duration POLL = Duration.ofMillis(200);
  private static final Duration CLOSE = Duration.ofSeconds(1);

  private final ProjectionConfig config;
  private final KafkaConsumer<byte[], byte[]> consumer;
  private final LogPosition position;
  private final LogWatch watch;
  private final BatchWriter writer;
  private final Stands stands;
  private final Links links;
  private final Lag lag;
  private final Map<Integer, Long> expected;
  private final Partitions partitions;
  private final Counter retries;
  private final Backoff backoff;
  private final Failures failures = new Failures();
  private final Outage outage = new Outage(System::nanoTime);
  private final CountDownLatch stopped = new CountDownLatch(1);
  private final Set<Integer> unplaced = new HashSet<>();
  private @Nullable String topicId;
  private long retryAt = System.nanoTime();

  /**
   * @param expected where this node's partitions stand, kept up to date for the meters
   * @param partitions told of what the group gives and takes
   */
  LogReader(
      ProjectionConfig config,
      KafkaConsumer<byte[], byte[]> consumer,
      LogPosition position,
      BatchWriter writer,
      Stands stands,
      Links links,
      Map<Integer, Long> expected,
      Partitions partitions,
      Lag lag,
      Counter retries) {
    this.config = config;
    this.consumer = consumer;
    this.position = position;
    this.watch = new LogWatch(position, config.probeInterval(), links.kafka(), lag);
    this.writer = writer;
    this.stands = stands;
    this.links = links;
    this.expected = expected;
    this.partitions = partitions;
    this.lag = lag;
    this.retries = retries;
    this.backoff = new Backoff(config.retryDelay(), config.maxRetryDelay());
  }

  /** Reads until told to stop. */
  void read() throws InterruptedException {
    expected.clear();
    consumer.subscribe(List.of(config.topic()), new Rebalancing());
    while (!stopping()) {
      if (outage.tooLong()) {
        standAside();
      }
      if (topicId != null && madeAnew()) {
        log.atWarn().addKeyValue("topic", config.topic()).log("the topic was made anew");
        setBack(assigned());
      }
      if (!unplaced.isEmpty() && System.nanoTime() - retryAt >= 0) {
        place();
      }
      if (watch.look(expected.keySet())) {
        tell();
      }
      ConsumerRecords<byte[], byte[]> records = poll();
      if (!records.isEmpty()) {
        project(records);
      }
    }
  }

  private boolean stopping() {
    return stopped.getCount() == 0;
  }

  /** Is no member of the group until Postgres answers, or it is told to stop. */
  private void standAside() throws InterruptedException {
    log.atWarn().log("Postgres does not answer; partitions are left to others until it does");
    consumer.unsubscribe();
    while (outage.tooLong() && !stopping()) {
      watch.look(Set.of());
      try {
        stands.reach();
        answered();
        backoff.succeeded();
      } catch (StoreException e) {
        links.postgres().fails(e);
        stopped.await(backoff.failed().toMillis(), TimeUnit.MILLISECONDS);
      }
    }
    consumer.subscribe(List.of(config.topic()), new Rebalancing());
  }

  private ConsumerRecords<byte[], byte[]> poll() {
    try {
      long untilRetry = unplaced.isEmpty() ? Long.MAX_VALUE : retryAt - System.nanoTime();
      long wait = Math.max(0, Math.min(POLL.toNanos(), untilRetry));
      return consumer.poll(Duration.ofNanos(wait));
    } catch (InvalidOffsetException e) {
      setBack(e.partitions().stream().map(TopicPartition::partition).toList());
    } catch (WakeupException e) {
      log.atDebug().log("woken to stop");
    }
    return ConsumerRecords.empty();
  }

  private void project(ConsumerRecords<byte[], byte[]> records) throws InterruptedException {
    String topic = topicId;
    if (topic == null) {
      throw new IllegalStateException("records of a topic whose id is unknown");
    }
    List<ConsumerRecord<byte[], byte[]>> batch = new ArrayList<>(records.count());
    records.forEach(batch::add);
    long began = System.nanoTime();
    try {
      writer.write(topic, batch, expected, failures.suspect(records.partitions()));
      failures.succeeded(records.partitions());
      if (failures.none()) {
        links.projection().works();
      }
      answered();
      links.deadLetters().works();
      backoff.succeeded();
      lag.projected(newest(records));
      return;
    } catch (BatchWriter.FencedException e) {
      log.atInfo()
          .addKeyValue("reason", e.getMessage())
          .log("partitions moved meanwhile, reading again");
    } catch (StoreException e) {
      failed(e, began);
      if (e.tookTooLong()) {
        failures.failed(records.partitions());
      }
    } catch (DeadLetters.UndeliveredException e) {
      links.deadLetters().fails(e);
    } catch (RuntimeException e) {
      links.unexpected(e);
      failures.failed(records.partitions());
    }
    retries.increment();
    setBack(records.partitions().stream().map(TopicPartition::partition).toList());
    retryLater();
  }

  private static Instant newest(ConsumerRecords<byte[], byte[]> records) {
    long newest = 0;
    for (TopicPartition partition : records.partitions()) {
      newest = Math.max(newest, records.records(partition).getLast().timestamp());
    }
    return Instant.ofEpochMilli(newest);
  }

  /**
   * Tells Kafka how far it got, for tools that show lag and nothing else: now and then is enough,
   * and a refusal, as in the middle of a rebalance, is nothing to speak of.
   */
  private void tell() {
    Map<TopicPartition, OffsetAndMetadata> offsets = new HashMap<>();
    expected.forEach(
        (partition, next) ->
            offsets.put(
                new TopicPartition(config.topic(), partition), new OffsetAndMetadata(next)));
    if (!offsets.isEmpty()) {
      consumer.commitAsync(
          offsets,
          (asked, refusal) -> {
            if (refusal != null) {
              log.atDebug().setCause(refusal).log("Kafka was not told how far it got");
            }
          });
    }
  }

  /** Sets waiting partitions to where Postgres says they stand, and lets them go on. */
  private void place() throws InterruptedException {
    long began = System.nanoTime();
    try {
      String id = LogPosition.await(position.topicId());
      if (!id.equals(topicId)) {
        setBack(assigned());
        topicId = id;
        watch.saw(id);
      }
      Map<Integer, Stands.Place> places = stands.placesOf(id, position.bounds(unplaced));
      places.forEach(
          (partition, place) -> {
            TopicPartition target = new TopicPartition(config.topic(), partition);
            expected.put(partition, place.stored());
            consumer.seek(target, place.next());
            consumer.resume(Set.of(target));
          });
      unplaced.removeAll(places.keySet());
      if (!unplaced.isEmpty()) {
        // Their last owner is in the middle of a transaction; the others go on meanwhile.
        retryAt = System.nanoTime() + config.retryDelay().toNanos();
      }
      answered();
      links.kafka().works();
    } catch (LogPosition.UnknownException e) {
      links.kafka().fails(e);
      retryLater();
    } catch (StoreException e) {
      failed(e, began);
      retryLater();
    }
  }

  private void answered() {
    links.postgres().works();
    outage.answered();
  }

  private void failed(StoreException e, long began) {
    if (e.isOutage()) {
      outage.silent(began);
    } else {
      outage.answered();
    }
    if (e.isConflict()) {
      log.atInfo()
          .addKeyValue("reason", e.getMessage())
          .log("a batch met another's locks, reading again");
    } else {
      links.postgres().fails(e);
    }
  }

  private void retryLater() {
    retryAt = System.nanoTime() + backoff.failed().toNanos();
  }

  private void setBack(Collection<Integer> partitions) {
    for (int partition : partitions) {
      TopicPartition target = new TopicPartition(config.topic(), partition);
      if (consumer.assignment().contains(target)) {
        consumer.pause(Set.of(target));
        unplaced.add(partition);
      }
    }
    if (madeAnew()) {
      topicId = null;
    }
  }

  private boolean madeAnew() {
    String seen = watch.topicId();
    return seen != null && !seen.equals(topicId);
  }

  private List<Integer> assigned() {
    return consumer.assignment().stream().map(TopicPartition::partition).toList();
  }

  /** Lets it finish its batch, and {@link #read} return. From any thread. */
  void stop() {
    stopped.countDown();
    consumer.wakeup();
  }

  @Override
  public void close() {
    tell();
    consumer.close(CloseOptions.timeout(CLOSE));
  }

  /**
   * Follows the group, which tells only what changes: new partitions wait until they are placed,
   * gone ones are forgotten, those kept go on. Called while polling, so never in the middle of a
   * batch.
   */
  private final class Rebalancing implements ConsumerRebalanceListener {
    @Override
    public void onPartitionsAssigned(Collection<TopicPartition> gained) {
      for (TopicPartition partition : gained) {
        consumer.seek(partition, 0); // any position will do, the paused one is not read from
        unplaced.add(partition.partition());
      }
      consumer.pause(gained);
      if (!gained.isEmpty()) {
        retryAt = System.nanoTime();
      }
      partitions.assigned(gained);
    }

    @Override
    public void onPartitionsRevoked(Collection<TopicPartition> gone) {
      forget(gone);
      partitions.revoked(gone);
    }

    @Override
    public void onPartitionsLost(Collection<TopicPartition> gone) {
      forget(gone);
      partitions.lost(gone);
    }

    private void forget(Collection<TopicPartition> gone) {
      failures.succeeded(gone); // whoever has them now will see
      for (TopicPartition partition : gone) {
        unplaced.remove(partition.partition());
        expected.remove(partition.partition());
      }
    }
  }
}
