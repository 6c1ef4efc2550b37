package io.tidegate.projection;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidegate.devstack.KafkaServer;
import io.tidegate.devstack.PostgresServer;
import io.tidegate.devstack.TestServers;
import io.tidegate.platform.Readiness;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

/** Takes away what the projection depends on, and looks at the numbers afterwards. */
class FaultsIT {
  private static List<Event> events(int from, int count) {
    List<Event> events = new ArrayList<>();
    for (int i = from; i < from + count; i++) {
      String name = i % 9 == 0 ? "Order Completed" : "Product Viewed";
      events.add(Events.track("u" + i % 50, null, name));
    }
    return events;
  }

  private static void isExact(Harness harness, List<Event> events) throws Exception {
    assertThat(harness.counts()).isEqualTo(ProjectionIT.expected(events));
    assertThat(harness.number("SELECT count(*) FROM events")).isEqualTo(events.size());
  }

  @Test
  void killedTransactionsLoseAndDoubleNothing() throws Exception {
    try (Harness harness = new Harness()) {
      Harness.Node node = harness.node(Map.of("projection.max-batch", "20"));
      Random random = new Random(3);
      List<Event> all = new ArrayList<>();
      long killed = 0;
      for (int round = 0; round < 15; round++) {
        List<Event> some = events(round * 100, 100);
        all.addAll(some);
        harness.send(some);
        for (int i = 0; i < 4; i++) {
          // Whatever statement it is at, commit included.
          killed +=
              harness.number(
                  "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = current_database()"
                      + " AND application_name = 'tidegate-projection' AND xact_start IS NOT NULL");
          LockSupport.parkNanos(random.nextInt(30_000_000));
        }
      }
      harness.awaitCaughtUp();
      isExact(harness, all);
      assertThat(killed).isPositive();
      assertThat(node.retries()).isPositive();
    }
  }

  @Test
  void aZombieCantWrite() throws Exception {
    try (Harness harness = new Harness()) {
      Harness.Node node = harness.node();
      List<Event> all = new ArrayList<>(events(0, 50));
      harness.send(all);
      harness.awaitCaughtUp();
      // Somebody else took the partitions over and went on: past what this node will read next, for
      // half of them.
      harness.run(
          "UPDATE consumed_offsets SET next_offset = next_offset - 2 WHERE next_offset > 2");
      List<Event> more = events(50, 50);
      all.addAll(more);
      harness.send(more);
      harness.awaitCaughtUp();
      isExact(harness, all);
      assertThat(node.retries()).isPositive();
      // Two groups on one log, as two nodes that both believe to own it.
      Harness.Node other = harness.node(Map.of("projection.group-id", "other-" + harness.topic));
      for (int round = 0; round < 5; round++) {
        List<Event> some = events(100 + 100 * round, 100);
        all.addAll(some);
        harness.send(some);
        harness.send(some.subList(0, 10));
      }
      harness.awaitCaughtUp();
      isExact(harness, all);
      other.stop();
    }
  }

  @Test
  void goesOnWhenPostgresComesBack() throws Exception {
    PostgresServer postgres = TestServers.ownPostgres();
    try (Harness harness = new Harness(TestServers.kafka(), postgres)) {
      List<Event> all = new ArrayList<>(events(0, 100));
      postgres.stop();
      Harness.Node node = harness.node(); // starts without it
      harness.send(all);
      Harness.await(
          () -> node.readiness.report().get("projection").startsWith("postgres: "),
          () -> node.readiness.report().toString());
      postgres.startAgain();
      harness.awaitCaughtUp();
      isExact(harness, all);
      List<Event> more = events(100, 500);
      all.addAll(more);
      harness.send(more.subList(0, 250));
      postgres.killHard();
      harness.send(more.subList(250, 500));
      Harness.await(() -> !node.readiness.ready(), () -> "still ready");
      assertThat(
              node.meters
                  .get("tidegate.projection.reachable")
                  .tag("dependency", "postgres")
                  .gauge()
                  .value())
          .isZero();
      postgres.startAgain();
      harness.awaitCaughtUp();
      isExact(harness, all);
      Harness.await(node.readiness::ready, () -> node.readiness.report().toString());
    } finally {
      postgres.close();
    }
  }

  @Test
  void aNodeCutOffFromPostgresAloneLeavesItsPartitionsToOthers() throws Exception {
    try (Harness harness = new Harness();
        Relay relay = new Relay(harness.uri)) {
      Harness.Node cut = harness.node(Map.of(), relay.uri());
      Harness.Node well = harness.node();
      Harness.await(
          () -> cut.owned().size() == 2 && well.owned().size() == 2,
          () -> cut.owned() + " and " + well.owned());
      List<Event> all = new ArrayList<>(events(0, 100));
      harness.send(all);
      harness.awaitCaughtUp();
      relay.cut();
      List<Event> more = events(100, 100);
      all.addAll(more);
      harness.send(more);
      harness.awaitCaughtUp();
      assertThat(well.owned()).hasSize(4);
      assertThat(cut.readiness.report().get("projection")).startsWith("postgres: ");
      relay.heal();
      Harness.await(
          () -> cut.owned().size() == 2 && cut.readiness.ready(),
          () -> cut.owned() + ", " + cut.readiness.report());
      List<Event> last = events(200, 100);
      all.addAll(last);
      harness.send(last);
      harness.awaitCaughtUp();
      isExact(harness, all);
    }
  }

  @Test
  void goesOnWhenKafkaComesBack() throws Exception {
    KafkaServer kafka = TestServers.ownKafka();
    try (Harness harness = new Harness(kafka)) {
      List<Event> all = new ArrayList<>(events(0, 100));
      harness.send(all);
      kafka.stop();
      Harness.Node node = harness.node(); // starts without it
      Harness.await(
          () -> node.readiness.report().get("projection").startsWith("kafka: "),
          () -> node.readiness.report().toString());
      kafka.startAgain();
      harness.awaitCaughtUp();
      isExact(harness, all);
      kafka.stop();
      Harness.await(() -> !node.readiness.ready(), () -> "still ready");
      kafka.startAgain();
      List<Event> more = events(100, 100);
      all.addAll(more);
      harness.send(more);
      harness.awaitCaughtUp();
      isExact(harness, all);
      Harness.await(
          () -> node.readiness.report().get("projection").equals(Readiness.OK),
          () -> node.readiness.report().toString());
    } finally {
      kafka.close();
    }
  }

  @Test
  void aTopicMadeAnewIsReadFromItsBeginning() throws Exception {
    try (Harness harness = new Harness()) {
      harness.node();
      List<Event> all = new ArrayList<>(events(0, 200));
      harness.send(all);
      harness.awaitCaughtUp();
      harness.deleteTopics();
      harness.makeTopics(4);
      List<Event> more = events(200, 60);
      harness.send(all.subList(150, 200)); // sent again by their senders
      harness.send(more);
      all.addAll(more);
      Harness.await(
          () -> harness.number("SELECT count(*) FROM events") == all.size(),
          () -> "events: " + harness.number("SELECT count(*) FROM events"));
      isExact(harness, all);
    }
  }

  @Test
  void aLogThatEndsTooEarlyIsReadFromItsBeginning() throws Exception {
    try (Harness harness = new Harness()) {
      Harness.Node node = harness.node();
      List<Event> all = new ArrayList<>(events(0, 100));
      harness.send(all);
      harness.awaitCaughtUp();
      node.stop();
      harness.run("UPDATE consumed_offsets SET next_offset = 1000000");
      List<Event> more = events(100, 20);
      all.addAll(more);
      harness.send(more);
      harness.node();
      harness.awaitCaughtUp();
      isExact(harness, all);
    }
  }
}
