package io.tidegate.ingestion;

import static java.util.concurrent.TimeUnit.SECONDS;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.tidegate.bus.Bus;
import io.tidegate.devstack.Await;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** Both sides of ingestion on one Vert.x, with topics of their own. */
final class IngestionNode implements AutoCloseable {
  static final Duration LIMIT = Duration.ofSeconds(60);

  final String topic = "events-" + UUID.randomUUID();
  final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  final IngestionVerticle verticle;
  final IntakeOnLoop intake;
  private final Vertx vertx = Vertx.vertx();
  private final String servers;
  private final String deployment;

  IngestionNode(String servers, String... settings) throws Exception {
    List<String> all = new ArrayList<>(List.of(settings));
    all.addAll(List.of("topic", topic, "dlq-topic", topic + ".dlq", "probe-interval", "200ms"));
    IngestionConfig config = TestConfig.of(all.toArray(String[]::new));
    Bus bus = new Bus(vertx);
    this.servers = servers;
    this.verticle =
        new IngestionVerticle(bus, config, Map.of("bootstrap.servers", servers), meters);
    this.deployment = await(vertx.deployVerticle(verticle));
    this.intake = new IntakeOnLoop(vertx, bus, config, Clock.systemUTC());
  }

  IngestionNode ready() {
    Await.until("Kafka is found", LIMIT, () -> verticle.readiness().equals("ok"));
    return this;
  }

  void undeploy() throws Exception {
    await(vertx.undeploy(deployment));
  }

  /** All that is in the topic now, partition by partition. */
  List<ConsumerRecord<byte[], byte[]>> log() {
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(
            Map.of("bootstrap.servers", servers),
            new ByteArrayDeserializer(),
            new ByteArrayDeserializer())) {
      List<TopicPartition> partitions =
          consumer.partitionsFor(topic).stream()
              .map(info -> new TopicPartition(topic, info.partition()))
              .toList();
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
      List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
      Await.until(
          "the topic is read",
          LIMIT,
          () -> {
            consumer.poll(Duration.ofMillis(100)).forEach(records::add);
            return ends.entrySet().stream()
                .allMatch(end -> consumer.position(end.getKey()) >= end.getValue());
          });
      return records;
    }
  }

  private static <T> T await(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(LIMIT.toSeconds(), SECONDS);
  }

  @Override
  public void close() throws Exception {
    await(vertx.close());
  }
}
