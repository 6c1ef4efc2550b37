package io.tidegate.ingestion;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import io.tidegate.bus.BusMap;
import io.tidegate.platform.Checks;
import io.tidegate.platform.Heap;
import java.time.Duration;
import java.util.OptionalLong;
import java.util.Set;

/** What can be set of ingestion, under {@code ingestion.} in tidegate.yaml. */
@ConfigMapping(prefix = "ingestion")
public interface IngestionConfig {
  /** Beside what is admitted Kafka's producer may hold twice as much. */
  int HEAP_PARTS = 16;

  /** The topic that events go to; made when absent. */
  @WithDefault("tidegate.events")
  String topic();

  /** The topic for events that can't be projected; made when absent. */
  @WithDefault("tidegate.events.dlq")
  String dlqTopic();

  /** Partitions of either topic when it is made; a topic that exists keeps its own. */
  @WithDefault("8")
  int partitions();

  /** Replicas of either topic when it is made; -1 for the broker's default. */
  @WithDefault("-1")
  int replicationFactor();

  /**
   * How long either topic keeps events when it is made (retention.ms); a topic that exists keeps
   * its own. An erased customer's events stay in Kafka for that long.
   */
  @WithDefault("7d")
  Duration retention();

  /** Largest event, as JSON, in bytes. */
  @WithDefault("32768")
  int maxEventBytes();

  /** Largest batch body, unzipped, in bytes. */
  @WithDefault("512000")
  int maxBatchBytes();

  /** Most events in a batch. */
  @WithDefault("2500")
  int maxBatchEvents();

  /** Deepest nesting of an event; the event itself is 1. */
  @WithDefault("32")
  int maxJsonDepth();

  /** Most bytes of one call over the bus; a tick with more makes several calls. */
  @WithDefault("1048576")
  int maxAppendBytes();

  /**
   * Most bytes that one event loop has handed over and that are not acknowledged yet; beyond it,
   * 503 at once. Default: an eighth of the heap, divided by the processors.
   */
  OptionalLong maxIntakeBytes();

  /**
   * Most bytes that one node's log writer holds unacknowledged; beyond it, 503 at once. Kafka's
   * producer may take twice as much beside it. Default: a sixteenth of the heap.
   */
  OptionalLong maxLogBytes();

  /** How long Kafka may take to acknowledge an event, retries included (delivery.timeout.ms). */
  @WithDefault("4s")
  Duration deliveryTimeout();

  /** How long the producer may wait for metadata or memory before it gives up (max.block.ms). */
  @WithDefault("1s")
  Duration maxBlock();

  /** How long the producer waits for company for a batch (linger.ms). */
  @WithDefault("1ms")
  Duration linger();

  /** How batches go to Kafka (compression.type): none, gzip, snappy, lz4 or zstd. */
  @WithDefault("lz4")
  String compression();

  /** How often Kafka is asked whether it is there and has the topics. */
  @WithDefault("2s")
  Duration probeInterval();

  /** How long a stopping node waits for acknowledgements. */
  @WithDefault("3s")
  Duration drainTimeout();

  /** When a caller that was refused for want of the log should come again. */
  @WithDefault("2s")
  Duration retryAfter();

  /** Notes what the types can't say. */
  static void check(IngestionConfig config, Checks checks) {
    config
        .maxIntakeBytes()
        .ifPresent(
            bytes -> checks.atLeast("ingestion.max-intake-bytes", bytes, config.maxBatchBytes()));
    config
        .maxLogBytes()
        .ifPresent(
            bytes -> checks.atLeast("ingestion.max-log-bytes", bytes, config.maxBatchBytes()));
    checks
        .between("ingestion.partitions", config.partitions(), 1, 10_000)
        .expect(
            config.replicationFactor() == -1
                || (config.replicationFactor() > 0 && config.replicationFactor() <= 10),
            "ingestion.replication-factor",
            config.replicationFactor(),
            "1 to 10, or -1 for the broker's default")
        .expect(
            !config.topic().equals(config.dlqTopic()),
            "ingestion.dlq-topic",
            config.dlqTopic(),
            "another than ingestion.topic")
        .positive("ingestion.retention", config.retention())
        // What goes to Kafka is a little larger; the broker's own limit is 1 MiB.
        .between("ingestion.max-event-bytes", config.maxEventBytes(), 1_024, 524_288)
        .between(
            "ingestion.max-batch-bytes", config.maxBatchBytes(), config.maxEventBytes(), 16_777_216)
        .between("ingestion.max-batch-events", config.maxBatchEvents(), 1, 100_000)
        .between("ingestion.max-json-depth", config.maxJsonDepth(), 2, 500)
        .between("ingestion.max-append-bytes", config.maxAppendBytes(), 1_024, 16_777_216)
        .positive("ingestion.delivery-timeout", config.deliveryTimeout())
        .positive("ingestion.max-block", config.maxBlock())
        .positive("ingestion.probe-interval", config.probeInterval())
        .positive("ingestion.drain-timeout", config.drainTimeout())
        .positive("ingestion.retry-after", config.retryAfter())
        .expect(
            Set.of("none", "gzip", "snappy", "lz4", "zstd").contains(config.compression()),
            "ingestion.compression",
            config.compression(),
            "none, gzip, snappy, lz4 or zstd")
        .expect(
            !config.linger().isNegative()
                && config.linger().multipliedBy(4).compareTo(config.deliveryTimeout()) <= 0,
            "ingestion.linger",
            config.linger(),
            "0 to a quarter of ingestion.delivery-timeout")
        .expect(
            queueTime(config).toMillis() >= 500,
            "ingestion.delivery-timeout",
            config.deliveryTimeout(),
            "with ingestion.max-block at most a second less than the bus's own "
                + BusMap.INGESTION_APPEND.timeLimit().toSeconds()
                + "s");
  }

  /** {@link #maxIntakeBytes}, or its default. */
  static long intakeBytes(IngestionConfig config) {
    int parts = HEAP_PARTS / 2 * Runtime.getRuntime().availableProcessors();
    return Heap.share(config.maxIntakeBytes(), parts);
  }

  /** {@link #maxLogBytes}, or its default: in a small heap still enough for a large batch. */
  static long logBytes(IngestionConfig config) {
    return config
        .maxLogBytes()
        .orElse(Math.max(2L * config.maxBatchBytes(), Heap.part(HEAP_PARTS)));
  }

  /**
   * How long events may wait for their turn at the producer: what the bus's limit leaves, and a
   * little less.
   */
  static Duration queueTime(IngestionConfig config) {
    return BusMap.INGESTION_APPEND
        .timeLimit()
        .minusMillis(500)
        .minus(config.maxBlock())
        .minus(config.deliveryTimeout());
  }
}
