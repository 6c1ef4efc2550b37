package io.tidegate.projection;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidegate.platform.Readiness;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ProjectionIT {
  private Harness harness;

  @BeforeEach
  void make() throws Exception {
    harness = new Harness();
  }

  @AfterEach
  void close() throws Exception {
    harness.close();
  }

  @Test
  void countsEachMessageOnceHoweverOftenItComes() throws Exception {
    Harness.Node node = harness.node();
    List<Event> events = new ArrayList<>();
    for (int i = 0; i < 500; i++) {
      events.add(
          Events.track("u" + i % 7, null, i % 10 == 0 ? "Order Completed" : "Product Viewed"));
    }
    List<Event> sent = new ArrayList<>(events);
    sent.addAll(events.subList(0, 200));
    Collections.shuffle(sent, new Random(1));
    harness.send(sent);
    harness.send(events.subList(100, 300));
    harness.awaitCaughtUp();

    assertThat(harness.counts()).isEqualTo(expected(events));
    assertThat(harness.number("SELECT count(*) FROM events")).isEqualTo(500);
    assertThat(harness.number("SELECT sum(purchases) FROM customers")).isEqualTo(50);
    Harness.await(
        () -> node.count("projected") == 500, () -> "projected: " + node.count("projected"));
    assertThat(node.count("duplicate")).isEqualTo(400);
    assertThat(node.readiness.report()).containsEntry("projection", Readiness.OK);
    Harness.await(
        () -> node.meters.get("tidegate.projection.lag").gauge().value() == 0,
        () -> "still behind");
    Customer u0 = harness.customer("u0");
    assertThat(u0.tags()).containsExactly("high-value");
    assertThat(harness.announced).containsEntry("u0", u0.version());
  }

  @Test
  void mergesMoveNumbersEventsAndNews() throws Exception {
    harness.node(Map.of("projection.alias-of-users", "true"));
    harness.send(
        Events.track(null, "a", "Order Completed"), Events.track(null, "a", "Product Viewed"));
    harness.awaitCaughtUp();
    assertThat(harness.counts()).containsOnlyKeys("a");
    harness.send(
        Events.identify("u", "a", "{\"name\":\"Una\",\"n\":1.50,\"big\":12345678901234567890}"));
    harness.awaitCaughtUp();
    harness.send(Events.track(null, "a", "Product Viewed"), Events.alias("w", "u"));
    harness.awaitCaughtUp();

    Customer w = harness.customer("w");
    assertThat(harness.counts())
        .isEqualTo(Map.of("w", Map.of("Order Completed", 1L, "Product Viewed", 2L)));
    assertThat(w.anonymousIds()).containsExactly("a", "u");
    assertThat(Json.text(w.traits().json()))
        .contains("\"n\":1.50")
        .contains("12345678901234567890");
    assertThat(
            harness.number(
                "WITH RECURSIVE own AS (SELECT 'w'::text COLLATE \"C\" AS id UNION SELECT c.id FROM customers c JOIN own"
                    + " ON c.heir = own.id) SELECT count(*) FROM events WHERE customer_id IN (SELECT id FROM own)"))
        .isEqualTo(5);
    assertThat(harness.number("SELECT count(*) FROM customers WHERE merged_into = 'w'"))
        .isEqualTo(2);
    assertThat(harness.announced.get("a")).isEqualTo(w.version());
    assertThat(harness.announced.get("u")).isEqualTo(w.version());
  }

  @Test
  void aBusyIdIsMergedWithoutRewritingItsEvents() throws Exception {
    harness.node();
    harness.send(Events.track(null, "busy", "Product Viewed"));
    harness.awaitCaughtUp();
    // Whoever would rewrite a stored event waits here for good.
    try (var connection = harness.connect()) {
      connection.setAutoCommit(false);
      connection.createStatement().execute("SELECT 1 FROM events FOR UPDATE");
      harness.send(Events.identify("u", "busy", "{}"), Events.track(null, "busy", "Product Added"));
      harness.awaitCaughtUp();
    }
    assertThat(harness.counts())
        .isEqualTo(Map.of("u", Map.of("Product Viewed", 1L, "Product Added", 1L)));
    assertThat(harness.number("SELECT count(*) FROM events WHERE customer_id = 'busy'"))
        .isEqualTo(1);
    assertThat(harness.customer("busy").heir()).isEqualTo("u");
  }

  @Test
  void poisonIsPutAsideAndTheRestGoesOn() throws Exception {
    Harness.Node node = harness.node();
    List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>();
    List<Event> good = new ArrayList<>();
    for (int i = 0; i < 60; i++) {
      Event event = Events.track("u" + i % 3, null, "Product Viewed");
      good.add(event);
      records.add(Events.record(harness.topic, null, event));
    }
    records.add(7, poison("{\"userId\":\"p\",\"event\":\"x\"", null)); // broken JSON
    records.add(13, poison("{\"userId\":\"p\",\"event\":\"x\\u0000\"}", null)); // NUL
    records.add(
        19, poison("{\"userId\":\"p\",\"event\":\"x\",\"properties\":{\"a\":\"\\ud800\"}}", null));
    records.add(
        23, poison("{\"userId\":\"p\",\"event\":\"x\",\"properties\":{\"n\":1e200000}}", null));
    records.add(29, poison("{\"userId\":\"p\"}", "io.tidegate.event.noise"));
    records.add(31, new ProducerRecord<>(harness.topic, Events.utf8("p"), null)); // a tombstone
    records.add(37, poison("{\"event\":\"x\"}", null)); // nobody
    Event overflow = Events.identify("p", null, "{\"x\":\"" + "y".repeat(Traits.MAX_BYTES) + "\"}");
    records.add(41, Events.record(harness.topic, null, overflow));
    Event ancient = Events.at(Events.track("p", null, "x"), Instant.parse("2001-01-01T00:00:00Z"));
    records.add(43, Events.record(harness.topic, null, ancient));
    harness.sendRecords(records);
    harness.awaitCaughtUp();

    assertThat(harness.counts()).isEqualTo(expected(good));
    List<ConsumerRecord<byte[], byte[]>> letters = harness.deadLetters(9);
    Set<String> reasons = new HashSet<>();
    for (ConsumerRecord<byte[], byte[]> letter : letters) {
      String reason = text(letter, "tidegate-dlq-reason");
      reasons.add(reason.substring(0, Math.min(16, reason.length())));
      assertThat(text(letter, "tidegate-dlq-topic")).isEqualTo(harness.topic);
      assertThat(text(letter, "tidegate-dlq-partition")).matches("\\d");
      assertThat(text(letter, "tidegate-dlq-offset")).matches("\\d+");
      assertThat(letter.key()).isEqualTo(Events.utf8("p"));
    }
    assertThat(reasons)
        .containsExactlyInAnyOrder(
            "value: not JSON:",
            "value: contains ",
            "the database ref",
            "ce_type: io.tide",
            "ce_id: none (exp",
            "userId and anony",
            "traits: 65544 by",
            "ce_receivedat: 2");
    Harness.await(
        () -> node.count("dead_lettered") == 9,
        () -> "dead-lettered: " + node.count("dead_lettered"));
    // Mended, the same message id is taken.
    harness.sendRecords(List.of(Events.record(harness.topic, null, mended(overflow))));
    harness.awaitCaughtUp();
    assertThat(harness.counts()).containsKey("p");
  }

  private static Event mended(Event event) {
    return Events.event(
        event.messageId(), event.type(), event.userId(), null, null, null, "{\"x\":1}", Events.NOW);
  }

  private ProducerRecord<byte[], byte[]> poison(String value, String type) {
    Event any = Events.track("p", null, "x");
    ProducerRecord<byte[], byte[]> like = Events.record(harness.topic, null, any);
    ProducerRecord<byte[], byte[]> poison =
        new ProducerRecord<>(harness.topic, null, like.key(), Events.utf8(value), like.headers());
    if (type != null) {
      Events.header(poison, "ce_type", type);
    }
    return poison;
  }

  private static String text(ConsumerRecord<byte[], byte[]> record, String header) {
    return new String(record.headers().lastHeader(header).value(), StandardCharsets.UTF_8);
  }

  @Test
  void twoNodesShareTheWorkAndOneTakesOver() throws Exception {
    Harness.Node first = harness.node();
    List<Event> events = new ArrayList<>();
    for (int round = 0; round < 3; round++) {
      List<Event> some = new ArrayList<>();
      for (int i = 0; i < 300; i++) {
        some.add(
            i % 5 == 0
                ? Events.identify("u" + i % 40, "a" + i % 40, "{}")
                : Events.track(i % 2 == 0 ? "u" + i % 40 : null, "a" + i % 40, "Product Viewed"));
      }
      events.addAll(some);
      harness.send(some);
      if (round == 0) {
        harness.node();
      } else if (round == 1) {
        first.stop();
      }
      harness.send(some);
    }
    harness.awaitCaughtUp();
    assertThat(harness.number("SELECT count(*) FROM events")).isEqualTo(events.size());
    assertThat(
            harness.number(
                "SELECT sum(v::bigint) FROM customers, jsonb_each_text(counts) AS c (k, v)"))
        .isEqualTo(events.stream().filter(e -> e.countedAs() != null).count());
    assertThat(
            harness.number(
                "SELECT count(*) FROM customers a JOIN customers b ON a.merged_into = b.id WHERE b.merged_into IS NOT NULL"))
        .isZero();
  }

  @Test
  void daysGetTablesOfTheirOwnAndOldOnesGo() throws Exception {
    LocalDate today = LocalDate.now(ZoneOffset.UTC);
    harness.run(
        "CREATE TABLE events_20200101 PARTITION OF events FOR VALUES FROM ('2020-01-01') TO ('2020-01-02')");
    harness.run(
        "INSERT INTO message_ids SELECT 'old-' || n, '2020-01-01' FROM generate_series(1, 10100) n");
    harness.node(Map.of("projection.event-retention", "10d"));
    harness.node(Map.of("projection.event-retention", "10d"));
    Instant threeDaysAgo = today.minusDays(3).atTime(12, 0).toInstant(ZoneOffset.UTC);
    harness.send(
        Events.at(Events.track("u", null, "x"), threeDaysAgo), Events.track("u", null, "x"));
    harness.awaitCaughtUp();
    assertThat(harness.number("SELECT count(*) FROM events")).isEqualTo(2);
    String name = "events_" + today.minusDays(3).toString().replace("-", "");
    assertThat(harness.number("SELECT count(*) FROM " + name)).isEqualTo(1);
    Harness.await(
        () ->
            harness.number("SELECT count(*) FROM pg_class WHERE relname = 'events_20200101'") == 0,
        () -> "the old day is still there");
    Harness.await(
        () -> harness.number("SELECT count(*) FROM message_ids WHERE message_id LIKE 'old-%'") == 0,
        () -> "old message ids are still there");
    String ahead = "events_" + today.plusDays(2).toString().replace("-", "");
    assertThat(harness.number("SELECT count(*) FROM " + ahead)).isZero();
  }

  @Test
  void newTagRulesReachEveryCustomer() throws Exception {
    Harness.Node first = harness.node();
    List<Event> events = new ArrayList<>();
    for (int i = 0; i < 1_200; i++) {
      events.add(Events.track("u" + i, null, "Product Viewed"));
    }
    events.add(Events.identify("u7", "a7", "{}"));
    harness.send(events);
    harness.awaitCaughtUp();
    first.stop();
    long before = harness.customer("u7").version();
    harness.node(
        Map.of(
            "projection.tags[0].tag", "looker",
            "projection.tags[0].when", "counts[\"Product Viewed\"] >= 1"));
    Harness.await(
        () -> harness.number("SELECT count(*) FROM customers WHERE tags = '{looker}'") == 1_200,
        () ->
            "tagged: " + harness.number("SELECT count(*) FROM customers WHERE tags = '{looker}'"));
    assertThat(harness.customer("u7").version()).isGreaterThan(before);
    Harness.await(
        () -> harness.announced.getOrDefault("a7", 0L) > before, () -> "a7 was not announced");
  }

  @Test
  void erasedCustomersStayErased() throws Exception {
    harness.node();
    Instant erasure = Instant.now().minusSeconds(5);
    Event early = Events.at(Events.track("u", null, "Order Completed"), erasure.minusSeconds(10));
    harness.send(early);
    harness.awaitCaughtUp();
    // What erasure does, held open while an event waits for the row.
    try (var connection = harness.connect()) {
      connection.setAutoCommit(false);
      connection
          .createStatement()
          .execute(
              "UPDATE customers SET erased_at = '"
                  + erasure
                  + "', present = false, counts = '{}', purchases = 0, interactions = 0, version = version + 1"
                  + " WHERE id = 'u'");
      connection.createStatement().execute("DELETE FROM events WHERE customer_id = 'u'");
      harness.send(
          Events.at(Events.track("u", null, "Order Completed"), erasure.minusSeconds(1)),
          Events.at(Events.track("u", null, "Product Viewed"), erasure.plusSeconds(1)));
      Harness.await(
          () ->
              harness.number(
                      "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()")
                  > 0,
          () -> "nobody waits for the row");
      connection.commit();
    }
    harness.awaitCaughtUp();
    assertThat(harness.counts()).isEqualTo(Map.of("u", Map.of("Product Viewed", 1L)));
    assertThat(harness.number("SELECT count(*) FROM events")).isEqualTo(1);
    assertThat(harness.number("SELECT count(*) FROM message_ids")).isEqualTo(3);
  }

  static Map<String, Map<String, Long>> expected(List<Event> events) {
    Map<String, Map<String, Long>> counts = new TreeMap<>();
    for (Event event : events) {
      counts
          .computeIfAbsent(event.subject(), s -> new TreeMap<>())
          .merge(String.valueOf(event.countedAs()), 1L, Long::sum);
    }
    return counts;
  }
}
