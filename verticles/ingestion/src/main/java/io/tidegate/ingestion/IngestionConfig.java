package io.tidegate.ingestion;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** What can be set of ingestion, under {@code ingestion.} in tidegate.yaml. */
@ConfigMapping(prefix = "ingestion")
public interface IngestionConfig {
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
   * 503 at once.
   */
  @WithDefault("33554432")
  long maxIntakeBytes();

  /** Most bytes that one node's log writer holds unacknowledged; beyond it, 503 at once. */
  @WithDefault("67108864")
  long maxLogBytes();

  /** How long Kafka may take to acknowledge an event, retries included (delivery.timeout.ms). */
  @WithDefault("PT5S")
  Duration deliveryTimeout();

  /** How long the producer may wait for metadata or memory before it gives up (max.block.ms). */
  @WithDefault("PT1S")
  Duration maxBlock();

  /** How long the producer waits for company for a batch (linger.ms). */
  @WithDefault("PT0.001S")
  Duration linger();

  /** How often Kafka is asked whether it is there and has the topics. */
  @WithDefault("PT2S")
  Duration probeInterval();

  /** How long a stopping node waits for acknowledgements. */
  @WithDefault("PT3S")
  Duration drainTimeout();

  /** When a caller that was refused for want of the log should come again. */
  @WithDefault("PT2S")
  Duration retryAfter();
}
