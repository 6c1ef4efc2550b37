package io.tidegate.ratelimit;

import static io.tidegate.ratelimit.SimulatedCluster.MS;
import static io.tidegate.ratelimit.SimulatedCluster.SECOND;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import java.util.function.LongToIntFunction;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Plays clusters in virtual time: however traffic is spread, and whatever fails, no period may see
 * more than limit + burst, and steady traffic gets 97 % of the limit.
 */
class ClusterSimulationTest {
  /** What a limit may lose when a node dies or is cut off: what is leased to it. */
  private static final double LEASED = 0.4;

  private record Rate(long limit, String period, long burst) {
    SimulatedCluster cluster(int nodes, long seed) {
      return new SimulatedCluster(limit, period, burst, nodes, seed);
    }

    /** So long, or less where that would be very many requests. */
    long seconds(long most) {
      return (limit > 1_000 ? Math.max(5, most / 10) : most) * SECOND;
    }

    int seeds(int most) {
      return limit > 1_000 ? 1 : most;
    }

    /** What steady traffic gets at least; a bucket of one request is lost to chance sooner. */
    double least() {
      return burst == 1 ? 0.95 : 0.97;
    }

    @Override
    public String toString() {
      return limit + " a " + period + ", burst " + burst;
    }
  }

  private static final List<Rate> RATES =
      List.of(
          new Rate(10, "1s", 1),
          new Rate(100, "1s", 10),
          new Rate(1_000, "60s", 100),
          new Rate(5, "1s", 5),
          new Rate(10_000, "1s", 1_000),
          new Rate(600, "60s", 60),
          new Rate(5, "60s", 1));

  /** A way of spreading traffic over three nodes. */
  private record Spread(String name) {
    LongToIntFunction of(Random random) {
      return switch (name) {
        case "even" -> at -> random.nextInt(3);
        case "90/10" -> at -> random.nextInt(10) == 0 ? 1 : 0;
        case "all on one" -> at -> 2;
        case "moving" -> at -> (int) (at / (2 * SECOND) % 3);
        default -> throw new IllegalArgumentException(name);
      };
    }

    @Override
    public String toString() {
      return name;
    }
  }

  private static final List<Spread> SPREADS =
      Stream.of("even", "90/10", "all on one", "moving").map(Spread::new).toList();

  static Stream<Arguments> steady() {
    return RATES.stream()
        .flatMap(
            rate ->
                SPREADS.stream()
                    .flatMap(
                        spread ->
                            Stream.of(1.2, 3.0).map(load -> Arguments.of(rate, spread, load))));
  }

  @ParameterizedTest
  @MethodSource("steady")
  void steadyTrafficGetsNearlyAllOfTheLimitAndNeverMore(Rate rate, Spread spread, double load) {
    for (int seed = 1; seed <= rate.seeds(2); seed++) {
      SimulatedCluster cluster = rate.cluster(3, seed);
      long duration = Math.max(rate.seconds(20), 4 * cluster.periodNanos);
      cluster.traffic(load, spread.of(cluster.random)).run(duration);
      double got = cluster.got(0, duration);
      assertThat(cluster.mostInAnyPeriod()).isLessThanOrEqualTo((int) (rate.limit + rate.burst));
      assertThat(got).as("seed %s", seed).isGreaterThanOrEqualTo(rate.least());
    }
  }

  /** Each is so far below the limit that its leases last long; together they are above it. */
  @Test
  void manyNodesWithLittleTrafficEachGetNearlyAllOfTheLimit() {
    SimulatedCluster cluster = new SimulatedCluster(10_000, "1s", 80_000, 80, 5);
    long duration = 8 * SECOND;
    cluster.traffic(1.2, at -> cluster.random.nextInt(80)).run(duration);
    assertThat(cluster.got(0, duration)).isGreaterThanOrEqualTo(0.97);
    assertThat(cluster.ledgerCalls).isLessThan(cluster.offered / 10);
    assertThat(cluster.mostInAnyPeriod()).isLessThanOrEqualTo(90_000);
  }

  static Stream<Arguments> faulty() {
    return RATES.stream()
        .flatMap(rate -> SPREADS.stream().map(spread -> Arguments.of(rate, spread)));
  }

  @ParameterizedTest
  @MethodSource("faulty")
  void noFaultOfNodesAndNetworksAdmitsMoreThanTheLimit(Rate rate, Spread spread) {
    for (int seed = 1; seed <= rate.seeds(4); seed++) {
      SimulatedCluster cluster = rate.cluster(3, seed);
      List<String> faults = new ArrayList<>();
      long duration = rate.limit > 1_000 ? 15 * SECOND : 90 * SECOND;
      for (long at = SECOND; at < duration; at += SECOND + cluster.random.nextLong(5 * SECOND)) {
        faults.add(fault(cluster, at));
      }
      cluster.traffic(2, spread.of(cluster.random)).run(duration);
      assertThat(cluster.mostInAnyPeriod())
          .as("seed %s, %s", seed, faults)
          .isLessThanOrEqualTo((int) (rate.limit + rate.burst));
    }
  }

  /** A fault of one node at a time, at random, until it is over; they overlap. */
  private static String fault(SimulatedCluster cluster, long at) {
    SimulatedNode node = cluster.nodes.get(cluster.random.nextInt(3));
    long lasts = SECOND / 10 + cluster.random.nextLong(15 * SECOND);
    int kind = cluster.random.nextInt(5);
    switch (kind) {
      case 0 -> cluster.after(at, node::dies).after(at + lasts, node::starts);
      case 1 -> cluster.after(at, () -> node.pauses(lasts));
      case 2 -> during(cluster, at, lasts, cut -> node.cutFromRedis = cut);
      case 3 -> during(cluster, at, lasts, cut -> node.cutFromPeers = cut);
      default -> {
        during(cluster, at, lasts, cut -> node.cutFromRedis = cut);
        during(
            cluster, at + cluster.random.nextLong(SECOND), lasts, cut -> node.cutFromPeers = cut);
      }
    }
    return List.of("kill", "pause", "cut from Redis", "cut from peers", "cut from all").get(kind)
        + " "
        + node
        + " at "
        + at / MS
        + " for "
        + lasts / MS;
  }

  private static void during(
      SimulatedCluster cluster, long at, long lasts, Consumer<Boolean> state) {
    cluster.after(at, () -> state.accept(true)).after(at + lasts, () -> state.accept(false));
  }

  static Stream<Rate> rates() {
    return RATES.stream();
  }

  @ParameterizedTest
  @MethodSource("rates")
  void aNodeCutFromRedisGetsItsLeasesFromTheOthers(Rate rate) {
    SimulatedCluster cluster = rate.cluster(3, 4);
    during(cluster, 5 * SECOND, 200 * SECOND, cut -> cluster.nodes.get(2).cutFromRedis = cut);
    long end = 6 * SECOND + Math.max(rate.seconds(10), 2 * cluster.periodNanos);
    cluster.traffic(2, new Spread("all on one").of(cluster.random)).run(end);
    double got = cluster.got(6 * SECOND, end);
    assertThat(got).isGreaterThanOrEqualTo(rate.least());
    assertThat(cluster.mostInAnyPeriod()).isLessThanOrEqualTo((int) (rate.limit + rate.burst));
  }

  @ParameterizedTest
  @MethodSource("rates")
  void theOthersGetTheLimitWhileOneIsDeadOrCutOff(Rate rate) {
    for (int kind = 0; kind < 3; kind++) {
      SimulatedCluster cluster = rate.cluster(3, kind);
      SimulatedNode node = cluster.nodes.getFirst();
      switch (kind) {
        case 0 -> cluster.after(5 * SECOND, node::dies);
        case 1 -> cluster.after(5 * SECOND, () -> node.pauses(200 * SECOND));
        default -> {
          during(cluster, 5 * SECOND, 200 * SECOND, cut -> node.cutFromRedis = cut);
          during(cluster, 5 * SECOND, 200 * SECOND, cut -> node.cutFromPeers = cut);
        }
      }
      long end = 5 * SECOND + Math.max(rate.seconds(10), 2 * cluster.periodNanos);
      cluster.traffic(3, new Spread("even").of(cluster.random)).run(end);
      double lost = LEASED * SECOND / (double) (end - 5 * SECOND);
      double got = cluster.got(5 * SECOND, end);
      // One part in three goes to the node that admits none, and a bucket of one misses it.
      double least = rate.burst == 1 ? 0.8 : 0.97;
      assertThat(got).as("fault %s", kind).isGreaterThanOrEqualTo(least - lost);
      assertThat(cluster.mostInAnyPeriod()).isLessThanOrEqualTo((int) (rate.limit + rate.burst));
    }
  }

  @ParameterizedTest
  @MethodSource("rates")
  void withoutRedisTheSharesComeToTheLimitAndOneRequestANodeMore(Rate rate) {
    for (int seed = 1; seed <= rate.seeds(2); seed++) {
      SimulatedCluster cluster = rate.cluster(3, seed);
      long lasts = rate.limit > 1_000 ? 5 * SECOND : 20 * SECOND;
      during(cluster, 2 * SECOND, lasts, down -> cluster.ledgerDown = down);
      long over = 2 * SECOND + lasts;
      cluster.traffic(3, new Spread("even").of(cluster.random)).run(over + lasts);
      int alone = cluster.admitted(4 * SECOND, over);
      double share =
          (double) rate.limit * (double) (over - 4 * SECOND) / (double) cluster.periodNanos;
      assertThat(cluster.mostInAnyPeriod())
          .isLessThanOrEqualTo((int) (rate.limit + rate.burst) + 3);
      assertThat((double) alone).isGreaterThanOrEqualTo(0.7 * share - 3);
      if (rate.limit > 5 || rate.burst > 1) {
        assertThat(cluster.got(over + 4 * SECOND, over + lasts)).isGreaterThanOrEqualTo(0.9);
      }
    }
  }

  @Test
  void asksTheLedgerFarLessOftenThanItIsAsked() {
    for (Rate rate : RATES) {
      SimulatedCluster cluster = rate.cluster(3, 7);
      cluster.traffic(20, new Spread("even").of(cluster.random)).run(10 * SECOND);
      assertThat(cluster.ledgerCalls).as("%s", rate).isLessThan(Math.max(8, cluster.offered / 2));
    }
  }
}
