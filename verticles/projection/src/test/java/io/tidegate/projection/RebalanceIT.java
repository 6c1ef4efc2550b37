package io.tidegate.projection;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Nodes that come, leave, die and freeze while events flow. */
class RebalanceIT {
  private static final Logger log = LoggerFactory.getLogger(RebalanceIT.class);
  private static final int PARTITIONS = 6;

  /** Events sent steadily from construction to the end. */
  private static final class Feed implements AutoCloseable {
    private final ExecutorService executor = Executors.newSingleThreadExecutor();
    private final Future<List<Event>> sent;
    private volatile boolean ended;

    Feed(Harness harness) {
      sent = executor.submit(() -> send(harness));
    }

    private List<Event> send(Harness harness) throws Exception {
      List<Event> all = new ArrayList<>();
      while (!ended) {
        List<Event> some = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
          some.add(Events.track("u" + (all.size() + i) % 60, null, "Product Viewed"));
        }
        harness.send(some);
        all.addAll(some);
        LockSupport.parkNanos(20_000_000);
      }
      return all;
    }

    List<Event> end() throws Exception {
      ended = true;
      return sent.get(60, TimeUnit.SECONDS);
    }

    @Override
    public void close() {
      ended = true;
      executor.shutdown();
    }
  }

  @Test
  void whoComesAndGoesMovesOnlyItsShare() throws Exception {
    try (Harness harness = new Harness(PARTITIONS);
        Feed feed = new Feed(harness)) {
      Harness.Node a = harness.node();
      owns(6, a);
      Harness.Node b = harness.node();
      owns(3, a);
      owns(3, b);
      SortedSet<Integer> kept = a.owned();
      Harness.Node c = harness.node();
      owns(2, a);
      owns(2, b);
      owns(2, c);
      assertThat(kept).containsAll(a.owned());
      moved(a, 6, 4, 0);
      moved(b, 3, 1, 0);
      long began = System.nanoTime();
      c.stop();
      owns(3, a);
      owns(3, b);
      assertThat(took("leaving", began)).isLessThan(Duration.ofSeconds(15));
      moved(a, 7, 4, 0);
      moved(b, 4, 1, 0);
      assertThat(c.owned()).isEmpty();
      gauges(a, 3);
      exact(harness, feed, List.of(a, b));
      assertThat(a.count("duplicate") + b.count("duplicate") + c.count("duplicate")).isZero();
    }
  }

  @Test
  void theKilledAndTheFrozenLoseTheirsAndNothingElse() throws Exception {
    try (Harness harness = new Harness(PARTITIONS);
        Feed feed = new Feed(harness)) {
      try (ProjectionProcess killed = harness.process();
          ProjectionProcess frozen = harness.process()) {
        Harness.Node a = harness.node();
        Harness.Node b = harness.node();
        Harness.await(() -> others(harness).size() == PARTITIONS, () -> "not all are assigned");
        owns(2, a);
        owns(2, b);
        Harness.await(() -> others(harness, a, b).size() == 2, () -> "two more: not yet");
        Set<Integer> theirs = others(harness, a, b);
        double revoked = a.moved("revoked") + b.moved("revoked");
        Gap gap = new Gap(a);
        long began = System.nanoTime();
        frozen.freeze();
        killed.kill();
        Harness.await(
            gap.watching(() -> a.owned().size() + b.owned().size() == PARTITIONS),
            () -> a.owned() + " and " + b.owned());
        // About 6 s; a machine that stands still adds to it. Without the settings it is 45 s and
        // more.
        assertThat(took("taking over", began)).isLessThan(Duration.ofSeconds(25));
        log.atInfo().addKeyValue("ms", gap.longest().toMillis()).log("longest gap of the rest");
        assertThat(gap.longest()).isLessThan(Duration.ofSeconds(10));
        assertThat(a.moved("revoked") + b.moved("revoked")).isEqualTo(revoked);
        goOn(harness, theirs);
        log.atInfo()
            .addKeyValue("ms", (System.nanoTime() - began) / 1_000_000)
            .log("all partitions go on");
        frozen.thaw();
        owns(2, a);
        owns(2, b);
        Harness.await(() -> others(harness, a, b).size() == 2, () -> "it did not come back");
        assertThat(frozen.isRunning()).isTrue();
        goOn(harness, others(harness, a, b));
        exact(harness, feed, List.of(a, b));
        assertThat(a.moved("lost") + b.moved("lost")).isZero();
      }
    }
  }

  @Test
  void anUnfinishedTransactionHoldsUpItsOwnPartitionOnly() throws Exception {
    try (Harness harness = new Harness(PARTITIONS)) {
      Harness.Node first = harness.node();
      owns(PARTITIONS, first);
      Harness.await(() -> harness.offsets().size() == PARTITIONS, () -> "not placed yet");
      first.stop();
      try (Connection held = harness.connect();
          Feed feed = new Feed(harness)) {
        held.setAutoCommit(false);
        held.createStatement()
            .execute("SELECT 1 FROM consumed_offsets WHERE partition = 0 FOR UPDATE");
        Harness.Node node = harness.node();
        Harness.await(
            () ->
                harness.offsets().entrySet().stream()
                    .allMatch(stand -> stand.getKey() == 0 || stand.getValue() > 5),
            () -> "stands: " + harness.offsets());
        assertThat(harness.offsets().get(0)).isZero();
        assertThat(node.retries()).isZero();
        held.rollback();
        exact(harness, feed, List.of(node));
      }
    }
  }

  /** The longest time in which a node projected nothing. */
  private static final class Gap {
    private final Harness.Node node;
    private double seen;
    private long since = System.nanoTime();
    private long longest;

    Gap(Harness.Node node) {
      this.node = node;
    }

    Callable<Boolean> watching(Callable<Boolean> condition) {
      return () -> {
        double now = node.count("projected");
        longest = Math.max(longest, System.nanoTime() - since);
        if (now > seen) {
          seen = now;
          since = System.nanoTime();
        }
        return condition.call();
      };
    }

    Duration longest() {
      return Duration.ofNanos(longest);
    }
  }

  private static void goOn(Harness harness, Set<Integer> partitions) throws Exception {
    Map<Integer, Long> before = harness.offsets();
    Harness.await(
        () -> {
          Map<Integer, Long> now = harness.offsets();
          return partitions.stream()
              .allMatch(p -> now.getOrDefault(p, 0L) > before.getOrDefault(p, 0L));
        },
        () -> "partitions " + partitions + " stand still: " + harness.offsets());
  }

  private static Duration took(String what, long began) {
    Duration took = Duration.ofNanos(System.nanoTime() - began);
    log.atInfo().addKeyValue("ms", took.toMillis()).log(what);
    return took;
  }

  private static Set<Integer> others(Harness harness, Harness.Node... nodes) throws Exception {
    Set<Integer> others = new HashSet<>(harness.assignedInGroup());
    for (Harness.Node node : nodes) {
      others.removeAll(node.owned());
    }
    return others;
  }

  private static void owns(int partitions, Harness.Node node) throws Exception {
    Harness.await(
        () -> node.owned().size() == partitions,
        () -> "owned: " + node.owned() + " (expected: " + partitions + " partitions)");
  }

  private static void moved(Harness.Node node, int assigned, int revoked, int lost) {
    assertThat(List.of(node.moved("assigned"), node.moved("revoked"), node.moved("lost")))
        .containsExactly((double) assigned, (double) revoked, (double) lost);
  }

  private static void gauges(Harness.Node node, int partitions) {
    assertThat(node.meters.get("tidegate.projection.partitions").gauge().value())
        .isEqualTo(partitions);
  }

  private static void exact(Harness harness, Feed feed, List<Harness.Node> nodes) throws Exception {
    List<Event> all = feed.end();
    harness.awaitCaughtUp();
    assertThat(harness.counts()).isEqualTo(ProjectionIT.expected(all));
    assertThat(harness.number("SELECT count(*) FROM events")).isEqualTo(all.size());
    // Not even noticed by their ids: no record was read twice, or its transaction was rolled back.
    for (Harness.Node node : nodes) {
      assertThat(node.count("duplicate")).isZero();
    }
  }
}
