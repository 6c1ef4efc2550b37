package io.tidegate.projection;

import io.tidegate.bus.Bus;
import io.vertx.sqlclient.Pool;
import java.time.Clock;
import java.util.HashMap;
import java.util.Map;
import java.util.SortedSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.CooperativeStickyAssignor;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The thread that reads the log: makes Kafka's clients, as often as it takes, and reads with them
 * until told to stop.
 */
final class Projection implements Runnable {
  private static final Logger log = LoggerFactory.getLogger(Projection.class);

  /**
   * Heartbeats per session. They are how members hear of a rebalance, so this is also how long a
   * partition on the move stands still: half a second by default, for two small requests a second.
   */
  private static final int HEARTBEATS = 12;

  /** Longer than a batch takes whose Postgres stopped answering in the middle. */
  private static final int MAX_POLL_INTERVAL_MS = 60_000;

  private final ProjectionConfig config;
  private final Map<String, Object> kafka;
  private final Pool pool;
  private final Ledger.Rules rules;
  private final DayPartitions days;
  private final Announcer announcer;
  private final Links links;
  private final ProjectionMeters meters;
  private final Map<Integer, Long> expected = new ConcurrentHashMap<>();
  private final Partitions partitions;
  private final Lag lag;
  private final CountDownLatch stopped = new CountDownLatch(1);
  private volatile @Nullable LogReader reader;

  Projection(
      ProjectionConfig config,
      Map<String, Object> kafka,
      Pool pool,
      Bus bus,
      Ledger.Rules rules,
      DayPartitions days,
      Links links,
      ProjectionMeters meters,
      Clock clock) {
    this.config = config;
    this.kafka = Map.copyOf(kafka);
    this.pool = pool;
    this.rules = rules;
    this.days = days;
    this.announcer = new Announcer(bus);
    this.links = links;
    this.meters = meters;
    this.partitions = new Partitions(meters);
    this.lag = new Lag(expected, clock);
    meters.lag(lag::records, lag::seconds);
  }

  @Override
  public void run() {
    Backoff backoff = new Backoff(config.retryDelay(), config.maxRetryDelay());
    try {
      while (stopped.getCount() > 0) {
        try {
          readWithNewClients();
        } catch (KafkaException e) {
          // Kafka's clients can't be made (no such host), or came to an end of their own.
          log.atDebug().setCause(e).log("reading ended");
          links.kafka().fails(e);
          stopped.await(backoff.failed().toMillis(), TimeUnit.MILLISECONDS);
        } catch (RuntimeException e) {
          links.unexpected(e);
          stopped.await(backoff.failed().toMillis(), TimeUnit.MILLISECONDS);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // told to stop in the middle of it
    }
  }

  private void readWithNewClients() throws InterruptedException {
    try (LogPosition position = new LogPosition(kafka, config.topic());
        DeadLetters deadLetters = new DeadLetters(kafka, config.dlqTopic());
        LogReader made = reader(position, deadLetters)) {
      reader = made;
      if (stopped.getCount() > 0) {
        made.read();
      }
    } finally {
      reader = null;
      partitions.none();
    }
  }

  private LogReader reader(LogPosition position, DeadLetters deadLetters) {
    return new LogReader(
        config,
        new KafkaConsumer<>(settings(), new ByteArrayDeserializer(), new ByteArrayDeserializer()),
        position,
        new BatchWriter(
            pool, config.statementTimeout(), rules, days, deadLetters, announcer, meters),
        new Stands(pool, config.statementTimeout(), announcer),
        links,
        expected,
        partitions,
        lag,
        meters.retries);
  }

  /**
   * A member of a classic group that rebalances incrementally (KIP-429): whoever keeps a partition
   * reads on in it while others move. The new protocol (KIP-848) would do so too, but there the
   * broker decides when a silent member is dead, and by default allows no group less than 45 s
   * ({@code group.consumer.min.session.timeout.ms}); here it is the member, down to 6 s.
   */
  private Map<String, Object> settings() {
    Map<String, Object> settings = new HashMap<>(kafka);
    settings.put(ConsumerConfig.GROUP_ID_CONFIG, config.groupId());
    settings.put(ConsumerConfig.CLIENT_ID_CONFIG, "tidegate-projection");
    settings.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
    settings.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "none");
    settings.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
    settings.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    settings.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, config.maxBatch());
    settings.put(ConsumerConfig.FETCH_MAX_BYTES_CONFIG, config.maxFetchBytes());
    settings.put(ConsumerConfig.MAX_POLL_INTERVAL_MS_CONFIG, MAX_POLL_INTERVAL_MS);
    int session = Math.toIntExact(config.sessionTimeout().toMillis());
    settings.put(ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG, session);
    settings.put(ConsumerConfig.HEARTBEAT_INTERVAL_MS_CONFIG, session / HEARTBEATS);
    // How soon a topic made late, or one with more partitions, is noticed.
    settings.put(ConsumerConfig.METADATA_MAX_AGE_CONFIG, 5_000);
    settings.put(
        ConsumerConfig.PARTITION_ASSIGNMENT_STRATEGY_CONFIG,
        CooperativeStickyAssignor.class.getName());
    return settings;
  }

  /** The partitions owned now. From any thread. */
  SortedSet<Integer> partitionsOwned() {
    return partitions.owned();
  }

  /** Lets the batch under way finish, and {@link #run} return. */
  void stop() {
    stopped.countDown();
    LogReader current = reader;
    if (current != null) {
      current.stop();
    }
  }
}
