package io.tidegate.projection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import io.tidegate.devstack.TestServers;
import io.tidegate.platform.Readiness;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Test;

/** What a batch, a row or a topic can do to stop the projection for good. */
class PoisonIT {
  /** A row that Postgres holds and {@link Customer} can't be made of. */
  private static final String UNREADABLE =
      "INSERT INTO customers (id, last_seen, present) VALUES ('%s', 'infinity', %s)";

  private static List<Event> events(int count) {
    List<Event> events = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      events.add(Events.track("u" + i % 5, null, "Product Viewed"));
    }
    return events;
  }

  @Test
  void recordsOnWhichTheProjectionItselfFailsArePutAside() throws Exception {
    try (Harness harness = new Harness(1)) {
      harness.run(UNREADABLE.formatted("poison", "false"));
      List<Event> good = events(40);
      List<Event> all = new ArrayList<>(good);
      all.add(11, Events.track("poison", null, "x"));
      all.add(30, Events.track("poison", null, "x"));
      harness.send(all);
      Harness.Node node = harness.node(Map.of("projection.max-retry-delay", "200ms"));
      Harness.await(
          () -> node.readiness.report().get("projection").startsWith("projection: "),
          () -> node.readiness.report().toString());
      harness.awaitCaughtUp();
      assertThat(harness.counts()).isEqualTo(ProjectionIT.expected(good));
      List<ConsumerRecord<byte[], byte[]>> letters = harness.deadLetters(2);
      assertThat(letters)
          .hasSize(2)
          .allSatisfy(
              letter ->
                  assertThat(
                          new String(
                              letter.headers().lastHeader("tidegate-dlq-reason").value(),
                              StandardCharsets.UTF_8))
                      .startsWith("the projection fails on it: "));
      harness.send(events(1));
      Harness.await(
          () -> node.readiness.report().get("projection").equals(Readiness.OK),
          () -> node.readiness.report().toString());
      assertThat(node.count("dead_lettered")).isEqualTo(2);
    }
  }

  @Test
  void aBatchThatIsTooMuchForTheStatementTimeoutIsHalved() throws Exception {
    try (Harness harness = new Harness(1)) {
      harness.run(
          "CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(0.03); RETURN NEW; END $$");
      harness.run(
          "CREATE TRIGGER slow BEFORE INSERT ON events FOR EACH ROW EXECUTE FUNCTION slow()");
      List<Event> events = events(60);
      harness.send(events);
      harness.node(Map.of("projection.statement-timeout", "1s"));
      harness.awaitCaughtUp();
      assertThat(harness.counts()).isEqualTo(ProjectionIT.expected(events));
    }
  }

  @Test
  void housekeepingGoesOnAfterAnUnexpectedFailure() throws Exception {
    try (Harness harness = new Harness(1)) {
      harness.run(UNREADABLE.formatted("odd", "true"));
      Harness.Node node = harness.node();
      Harness.await(
          () ->
              node.meters
                      .get("tidegate.projection.reachable")
                      .tag("dependency", "housekeeping")
                      .gauge()
                      .value()
                  == 0,
          () -> "housekeeping has not failed");
      harness.run("UPDATE customers SET last_seen = now() WHERE id = 'odd'");
      Harness.await(
          () -> harness.number("SELECT count(*) FROM customers WHERE tags <> '{}'") == 1,
          () -> "not tagged");
    }
  }

  @Test
  void aDeadLetterTopicThatIsNotThereIsWaitedForOnce() {
    ConsumerRecord<byte[], byte[]> log =
        new ConsumerRecord<>("events", 0, 1, Events.utf8("key"), Events.utf8("value"));
    List<DeadLetters.Letter> letters =
        Collections.nCopies(60, new DeadLetters.Letter(log, "some reason"));
    try (DeadLetters deadLetters =
        new DeadLetters(
            Map.of("bootstrap.servers", TestServers.kafka().bootstrapServers()), "no-such-topic")) {
      assertTimeoutPreemptively(
          Duration.ofSeconds(30), // a second each without
          () ->
              assertThatThrownBy(() -> deadLetters.send(letters))
                  .isInstanceOf(DeadLetters.UndeliveredException.class));
    }
  }
}
