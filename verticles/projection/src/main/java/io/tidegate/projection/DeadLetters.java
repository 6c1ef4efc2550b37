package io.tidegate.projection;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;

/**
 * The topic of records that can't be projected: each with its key, value and headers as they were,
 * the reason, and the place in the log it came from. At least once.
 */
final class DeadLetters implements AutoCloseable {
  private static final int MAX_REQUEST_BYTES = 8 << 20;
  private static final Duration DELIVERY = Duration.ofSeconds(4);
  private static final Duration BLOCK = Duration.ofSeconds(1);

  /** A record and why it is refused. */
  record Letter(ConsumerRecord<byte[], byte[]> log, String reason) {}

  /** The topic did not take them. */
  static final class UndeliveredException extends Exception {
    UndeliveredException(Throwable cause) {
      super("dead-letter topic: " + cause, cause, false, false);
    }
  }

  private final String topic;
  private final KafkaProducer<byte[], byte[]> producer;

  /**
   * @param kafka what every client is made with: {@code bootstrap.servers}, and security where
   *     needed
   */
  DeadLetters(Map<String, Object> kafka, String topic) {
    this.topic = topic;
    Map<String, Object> settings = new HashMap<>(kafka);
    settings.put(ProducerConfig.CLIENT_ID_CONFIG, "tidegate-dead-letters");
    settings.put(ProducerConfig.ACKS_CONFIG, "all");
    settings.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
    // More can leave a batch out of sequence for good on a topic just made: KAFKA-14359.
    settings.put(ProducerConfig.MAX_IN_FLIGHT_REQUESTS_PER_CONNECTION, 1);
    settings.put(ProducerConfig.COMPRESSION_TYPE_CONFIG, "lz4");
    settings.put(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, MAX_REQUEST_BYTES);
    settings.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, BLOCK.toMillis());
    settings.put(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, (int) DELIVERY.toMillis() - 1_000);
    settings.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, (int) DELIVERY.toMillis());
    this.producer =
        new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer());
  }

  /** Returns once all are acknowledged. */
  void send(List<Letter> letters) throws UndeliveredException, InterruptedException {
    List<Future<?>> sent = new ArrayList<>();
    for (Letter letter : letters) {
      Future<?> one = hand(record(letter, letter.log().value()));
      if (one.state() == Future.State.FAILED
          && !(one.exceptionNow() instanceof RecordTooLargeException)) {
        // The next would wait as long for a topic that is not there, in an open transaction.
        throw new UndeliveredException(one.exceptionNow());
      }
      sent.add(one);
    }
    for (int i = 0; i < sent.size(); i++) {
      try {
        acknowledged(sent.get(i));
      } catch (UndeliveredException e) {
        if (!(e.getCause() instanceof RecordTooLargeException)) {
          throw e;
        }
        // The log keeps the value under the offset in the headers.
        acknowledged(hand(record(letters.get(i), null)));
      }
    }
  }

  private Future<?> hand(ProducerRecord<byte[], byte[]> record) throws UndeliveredException {
    try {
      return producer.send(record);
    } catch (KafkaException e) {
      throw new UndeliveredException(e);
    }
  }

  private static void acknowledged(Future<?> sent)
      throws UndeliveredException, InterruptedException {
    try {
      sent.get(DELIVERY.plus(BLOCK).toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      throw new UndeliveredException(e.getCause() == null ? e : e.getCause());
    } catch (TimeoutException e) {
      throw new UndeliveredException(e);
    }
  }

  private ProducerRecord<byte[], byte[]> record(Letter letter, byte @Nullable [] value) {
    ConsumerRecord<byte[], byte[]> log = letter.log();
    RecordHeaders headers = new RecordHeaders(log.headers());
    add(headers, "tidegate-dlq-reason", letter.reason());
    add(headers, "tidegate-dlq-topic", log.topic());
    add(headers, "tidegate-dlq-partition", Integer.toString(log.partition()));
    add(headers, "tidegate-dlq-offset", Long.toString(log.offset()));
    if (value == null && log.value() != null) {
      add(headers, "tidegate-dlq-value", "too large for this topic");
    }
    return new ProducerRecord<>(topic, null, log.key(), value, headers);
  }

  private static void add(RecordHeaders headers, String name, String value) {
    headers.remove(name);
    headers.add(name, value.getBytes(StandardCharsets.UTF_8));
  }

  @Override
  public void close() {
    producer.close(Duration.ZERO);
  }
}
