package io.tidegate.ingestion;

import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Kafka's clients as ingestion wants them. What the node's configuration says of the connection
 * goes to all alike.
 */
final class KafkaClients {
  private static final int RECONNECT_MS = 500;

  private final IngestionConfig config;
  private final Map<String, Object> connection;

  /**
   * @param connection {@code bootstrap.servers}, and security where needed
   */
  KafkaClients(IngestionConfig config, Map<String, Object> connection) {
    this.config = config;
    this.connection = Map.copyOf(connection);
  }

  /**
   * May throw {@link org.apache.kafka.common.KafkaException}: when no server's name resolves, say.
   */
  Producer<byte[], byte[]> producer() {
    return new KafkaProducer<>(
        producerSettings(), new ByteArraySerializer(), new ByteArraySerializer());
  }

  Map<String, Object> producerSettings() {
    int deliveryMs = (int) config.deliveryTimeout().toMillis();
    Map<String, Object> settings = new HashMap<>(connection);
    settings.put(ProducerConfig.CLIENT_ID_CONFIG, "tidegate-ingestion");
    settings.put(ProducerConfig.ACKS_CONFIG, "all");
    settings.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
    // With more, a partition's first batch that is refused and a second that is taken leave the
    // first
    // out of sequence for good (KAFKA-14359), and one customer's events out of order.
    settings.put(ProducerConfig.MAX_IN_FLIGHT_REQUESTS_PER_CONNECTION, 1);
    settings.put(ProducerConfig.COMPRESSION_TYPE_CONFIG, config.compression());
    settings.put(ProducerConfig.LINGER_MS_CONFIG, config.linger().toMillis());
    settings.put(ProducerConfig.BATCH_SIZE_CONFIG, 128 * 1024);
    settings.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, config.maxBlock().toMillis());
    settings.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, deliveryMs);
    // Half of it, so that a request that a dying broker swallowed is sent once more in time.
    settings.put(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, deliveryMs / 2);
    settings.put(ProducerConfig.RECONNECT_BACKOFF_MAX_MS_CONFIG, RECONNECT_MS);
    // Twice what is admitted: batches are allocated whole, and what is admitted must never wait for
    // memory.
    settings.put(ProducerConfig.BUFFER_MEMORY_CONFIG, IngestionConfig.logBytes(config) * 2);
    return settings;
  }

  /** May throw as {@link #producer}. */
  Admin admin() {
    Map<String, Object> settings = new HashMap<>(connection);
    settings.put(AdminClientConfig.CLIENT_ID_CONFIG, "tidegate-ingestion-admin");
    settings.put(AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, 2_000);
    settings.put(AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, 3_000);
    settings.put(AdminClientConfig.RECONNECT_BACKOFF_MAX_MS_CONFIG, RECONNECT_MS);
    return Admin.create(settings);
  }
}
