package io.tidegate.bench.peer;

import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * One producer of Kafka's, sending events of 450 bytes as fast as they are acknowledged by all
 * replicas: the gateway's settings, but the usual five requests in flight.
 *
 * <p>Arguments: {@code SERVERS TOPIC WARM-UP-SECONDS SECONDS}. What warms up does not count.
 */
public final class KafkaAlone {
  private static final int VALUES = 10_000;
  private static final int VALUE_BYTES = 450;

  private KafkaAlone() {}

  /** Prints the figures. */
  public static void main(String[] args) throws InterruptedException {
    List<ProducerRecord<byte[], byte[]>> records = records(args[1]);
    int warmUpSeconds = Integer.parseInt(args[2]);
    int seconds = Integer.parseInt(args[3]);
    try (KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(settings(args[0]))) {
      var unused = send(producer, records, warmUpSeconds);
      new PrintStream(System.out, true, StandardCharsets.UTF_8)
          .println(send(producer, records, seconds));
    }
  }

  private static String send(
      KafkaProducer<byte[], byte[]> producer,
      List<ProducerRecord<byte[], byte[]>> records,
      int seconds) {
    Histogram latencies = new ConcurrentHistogram(TimeUnit.MINUTES.toNanos(1), 3);
    AtomicLong errors = new AtomicLong();
    long cpu = Figures.cpuNanos();
    long begin = System.nanoTime();
    long end = begin + TimeUnit.SECONDS.toNanos(seconds);
    for (int next = 0; System.nanoTime() < end; next++) {
      long sent = System.nanoTime();
      var unused =
          producer.send(
              records.get(next % VALUES),
              (metadata, failure) -> {
                if (failure == null) {
                  latencies.recordValue(System.nanoTime() - sent);
                } else {
                  errors.incrementAndGet();
                }
              });
    }
    producer.flush();
    return Figures.line(
        latencies, System.nanoTime() - begin, errors.get(), Figures.cpuNanos() - cpu);
  }

  /** Values of one size: an id that nobody can guess, and words that compress well. */
  private static List<ProducerRecord<byte[], byte[]>> records(String topic) {
    Random random = new Random(618);
    List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>(VALUES);
    for (int i = 0; i < VALUES; i++) {
      String id = new UUID(random.nextLong(), random.nextLong()).toString();
      StringBuilder value = new StringBuilder("{\"messageId\":\"" + id + "\",\"type\":\"track\"");
      while (value.length() < VALUE_BYTES - 1) {
        value.append(",\"property\":\"value\"");
      }
      byte[] bytes = value.append('}').toString().getBytes(StandardCharsets.UTF_8);
      byte[] key = ("bench-" + random.nextInt(1_000)).getBytes(StandardCharsets.UTF_8);
      records.add(new ProducerRecord<>(topic, key, bytes));
    }
    return records;
  }

  private static Map<String, Object> settings(String servers) {
    Map<String, Object> settings = new HashMap<>();
    settings.put(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, servers);
    settings.put(ProducerConfig.ACKS_CONFIG, "all");
    settings.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
    settings.put(ProducerConfig.COMPRESSION_TYPE_CONFIG, "lz4");
    settings.put(ProducerConfig.LINGER_MS_CONFIG, 1);
    settings.put(ProducerConfig.BATCH_SIZE_CONFIG, 128 * 1024);
    settings.put(ProducerConfig.BUFFER_MEMORY_CONFIG, 128L << 20);
    settings.put(ProducerConfig.KEY_SERIALIZER_CLASS_CONFIG, ByteArraySerializer.class);
    settings.put(ProducerConfig.VALUE_SERIALIZER_CLASS_CONFIG, ByteArraySerializer.class);
    return settings;
  }
}
