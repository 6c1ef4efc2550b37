package io.tidegate.ingestion;

import static io.tidegate.bus.Failure.LOG_UNAVAILABLE;
import static io.tidegate.ingestion.EventKind.BATCH;
import static io.tidegate.ingestion.EventKind.TRACK;
import static io.tidegate.ingestion.IngestionNode.LIMIT;
import static io.tidegate.ingestion.IntakeOnLoop.LIMIT_S;
import static io.tidegate.ingestion.IntakeOnLoop.failure;
import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidegate.bus.BusMap;
import io.tidegate.bus.FailureException;
import io.tidegate.devstack.Await;
import io.tidegate.devstack.KafkaServer;
import io.tidegate.devstack.TestServers;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.config.ConfigResource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Ingestion on a real Kafka, and without one. */
class IngestionIT {
  private static final String GOOD = "{\"userId\":\"u\",\"event\":\"e\"}";

  @Test
  void writesCloudEventsKeyedByCustomer() throws Exception {
    try (IngestionNode node = new IngestionNode(TestServers.kafka().bootstrapServers()).ready()) {
      String body =
          "{\"userId\":\"张三\",\"event\":\"Order Completed\",\"messageId\":\"m-1\",\"timestamp\":\"2026-01-31T08:00:00Z\"}";
      assertThat(node.intake.accept(TRACK, body).get(LIMIT_S, SECONDS)).isEqualTo(1);

      List<ConsumerRecord<byte[], byte[]>> log = node.log();
      assertThat(log).hasSize(1);
      ConsumerRecord<byte[], byte[]> record = log.getFirst();
      assertThat(new String(record.key(), UTF_8)).isEqualTo("张三");
      Map<String, String> headers = new TreeMap<>();
      record
          .headers()
          .forEach(header -> headers.put(header.key(), new String(header.value(), UTF_8)));
      String receivedAt = headers.remove("ce_receivedat");
      assertThat(headers)
          .isEqualTo(
              Map.of(
                  "ce_specversion", "1.0",
                  "ce_id", "m-1",
                  "ce_source", "/sources/web",
                  "ce_type", "io.tidegate.event.track",
                  "ce_subject", "张三",
                  "ce_time", "2026-01-31T08:00:00.000Z",
                  "ce_requestid", "req-1",
                  "ce_traceparent", Bodies.ORIGIN.trace().traceparent(),
                  "content-type", "application/json"));
      assertThat(Timestamps.parse(receivedAt))
          .isCloseTo(System.currentTimeMillis(), org.assertj.core.api.Assertions.within(60_000L));
      assertThat(Bodies.tree(record.value()).get("event").textValue()).isEqualTo("Order Completed");
    }
  }

  @Test
  void makesItsTopics() throws Exception {
    String servers = TestServers.kafka().bootstrapServers();
    try (IngestionNode node = new IngestionNode(servers, "partitions", "3").ready();
        Admin admin = Admin.create(Map.of("bootstrap.servers", servers))) {
      Map<String, TopicDescription> topics =
          admin
              .describeTopics(List.of(node.topic, node.topic + ".dlq"))
              .allTopicNames()
              .get(LIMIT.toSeconds(), SECONDS);
      assertThat(topics.values()).allSatisfy(topic -> assertThat(topic.partitions()).hasSize(3));
      ConfigResource events = new ConfigResource(ConfigResource.Type.TOPIC, node.topic);
      assertThat(
              admin
                  .describeConfigs(List.of(events))
                  .all()
                  .get(LIMIT.toSeconds(), SECONDS)
                  .get(events)
                  .get("retention.ms")
                  .value())
          .isEqualTo("604800000");
    }
  }

  @Test
  void keepsEachCustomersOrder() throws Exception {
    try (IngestionNode node = new IngestionNode(TestServers.kafka().bootstrapServers()).ready()) {
      untilTaken(node);
      int customers = 25;
      int rounds = 100;
      List<CompletableFuture<Integer>> answers = new ArrayList<>();
      for (int round = 0; round < rounds; round++) {
        StringBuilder batch = new StringBuilder("{\"batch\":[");
        for (int customer = 0; customer < customers; customer++) {
          batch
              .append(customer == 0 ? "" : ",")
              .append(
                  "{\"type\":\"track\",\"event\":\"e\",\"userId\":\"c%d\",\"n\":%d}"
                      .formatted(customer, round));
        }
        answers.add(node.intake.accept(BATCH, batch.append("]}").toString()));
      }
      for (CompletableFuture<Integer> answer : answers) {
        assertThat(answer.get(LIMIT_S, SECONDS)).isEqualTo(customers);
      }

      Map<String, List<Integer>> order = new HashMap<>();
      for (ConsumerRecord<byte[], byte[]> record : node.log()) {
        order
            .computeIfAbsent(new String(record.key(), UTF_8), key -> new ArrayList<>())
            .add(Bodies.tree(record.value()).path("n").intValue());
      }
      order.remove("u");
      assertThat(order).hasSize(customers);
      assertThat(order.values()).allSatisfy(ns -> assertThat(ns).hasSize(rounds).isSorted());
      assertThat(node.intake.events("accepted")).isEqualTo(1 + customers * rounds);
      assertThat(node.meters.get("tidegate.ingestion.append").timer().count()).isPositive();
      assertThat(node.meters.get("tidegate.ingestion.bytes.in.flight").gauge().value()).isZero();
    }
  }

  @Test
  void refusesABurstAtOnceAndKeepsAllItTook() throws Exception {
    try (IngestionNode node =
        new IngestionNode(
                TestServers.kafka().bootstrapServers(),
                "max-log-bytes",
                "100000",
                "max-append-bytes",
                "20000",
                "linger",
                "200ms")
            .ready()) {
      String body = "{\"userId\":\"u\",\"event\":\"e\",\"x\":\"" + "y".repeat(10_000) + "\"}";
      List<Function<EventIntake, Future<Integer>>> calls = new ArrayList<>();
      for (int i = 0; i < 200; i++) {
        calls.add(intake -> intake.accept(TRACK, Buffer.buffer(body), Bodies.ORIGIN));
      }
      int taken = 0;
      int refused = 0;
      for (CompletableFuture<Integer> answer : node.intake.inOneTick(calls)) {
        FailureException failure = failure(answer);
        if (failure == null) {
          taken++;
        } else {
          assertThat(failure.failure()).isEqualTo(LOG_UNAVAILABLE);
          assertThat(failure).hasMessageContaining("bytes wait for Kafka");
          assertThat(failure.retryAfter()).isNotNull();
          refused++;
        }
      }
      assertThat(taken).isPositive();
      assertThat(refused).isPositive();
      assertThat(node.log()).hasSize(taken);
      assertThat(node.intake.accept(TRACK, body).get(LIMIT_S, SECONDS)).isEqualTo(1);
    }
  }

  @Test
  void settlesWhatIsUnderWayWhenItStops() throws Exception {
    try (IngestionNode node =
        new IngestionNode(TestServers.kafka().bootstrapServers(), "linger", "1s").ready()) {
      CompletableFuture<Integer> answer = node.intake.accept(TRACK, GOOD);
      Await.until(
          "it is under way",
          LIMIT,
          () -> node.meters.get("tidegate.ingestion.bytes.in.flight").gauge().value() > 0);
      node.undeploy();
      assertThat(answer.get(LIMIT_S, SECONDS)).isEqualTo(1);
      assertThat(node.log()).hasSize(1);
      assertThat(failure(node.intake.accept(TRACK, GOOD)).failure()).isEqualTo(LOG_UNAVAILABLE);
    }
  }

  @Test
  void answersWhileKafkaIsGoneAndRecoversByItself() throws Exception {
    KafkaServer kafka = TestServers.ownKafka();
    kafka.stop();
    try (IngestionNode node = new IngestionNode(kafka.bootstrapServers())) {
      // Never seen yet: refused at once, and not ready.
      FailureException unseen = failure(node.intake.accept(TRACK, GOOD));
      assertThat(unseen.failure()).isEqualTo(LOG_UNAVAILABLE);
      assertThat(unseen.retryAfter()).isEqualTo(Duration.ofSeconds(2));
      assertThat(node.verticle.readiness()).isNotEqualTo("ok");

      kafka.startAgain();
      node.ready();
      int taken = untilTaken(node);

      // Lost under way: each gets its answer within the bus's limit, then at once.
      kafka.stop();
      long limitMs = BusMap.INGESTION_APPEND.timeLimit().toMillis();
      List<CompletableFuture<Integer>> answers = new ArrayList<>();
      for (int i = 0; i < 50; i++) {
        answers.add(node.intake.accept(TRACK, GOOD));
      }
      long asked = System.nanoTime();
      for (CompletableFuture<Integer> answer : answers) {
        FailureException lost = failure(answer);
        assertThat(lost).isNotNull();
        assertThat(lost.failure()).isEqualTo(LOG_UNAVAILABLE);
        assertThat(lost.getMessage()).doesNotContain("no answer on ingestion.append");
      }
      assertThat((System.nanoTime() - asked) / 1_000_000).isLessThan(limitMs);
      Await.until("it is told", LIMIT, () -> !node.verticle.readiness().equals("ok"));
      assertThat(node.meters.get("tidegate.ingestion.log.up").gauge().value()).isZero();
      assertThat(failure(node.intake.accept(TRACK, GOOD)).failure()).isEqualTo(LOG_UNAVAILABLE);

      kafka.startAgain();
      node.ready();
      taken += untilTaken(node);
      assertThat(node.log()).hasSizeGreaterThanOrEqualTo(taken);
    } finally {
      kafka.close();
    }
  }

  @Test
  void findsAnEmptyKafkaInPlaceOfTheOldOne(@TempDir Path first, @TempDir Path second)
      throws Exception {
    KafkaServer old = KafkaServer.start(first, 0);
    try (IngestionNode node = new IngestionNode(old.bootstrapServers()).ready()) {
      untilTaken(node);
      old.close();
      Await.until("it is missed", LIMIT, () -> !node.verticle.readiness().equals("ok"));
      try (KafkaServer fresh = KafkaServer.start(second, old.port())) {
        node.ready();
        int taken = untilTaken(node);
        assertThat(node.log()).hasSizeGreaterThanOrEqualTo(taken);
        assertThat(fresh.isRunning()).isTrue();
      }
    } finally {
      old.close();
    }
  }

  @Test
  void refusesAtOnceAndStopsSoonWhenKafkaTakesConnectionsButNeverAnswers() throws Exception {
    try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        IngestionNode node = new IngestionNode("127.0.0.1:" + silent.getLocalPort())) {
      FailureException refused = failure(node.intake.accept(TRACK, GOOD));
      assertThat(refused.failure()).isEqualTo(LOG_UNAVAILABLE);
      assertThat(node.verticle.readiness()).contains("Kafka");
      long stopping = System.nanoTime();
      node.undeploy();
      assertThat(Duration.ofNanos(System.nanoTime() - stopping)).isLessThan(Duration.ofSeconds(5));
    }
  }

  // Sends until one event is acknowledged: a producer may need a moment more than the probe.
  private static int untilTaken(IngestionNode node) {
    Await.until(
        "an event is acknowledged", LIMIT, () -> failure(node.intake.accept(TRACK, GOOD)) == null);
    return 1;
  }
}
