package io.tidegate.ratelimit;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.tidegate.bus.Failure;
import io.tidegate.proto.ratelimit.LeaseReply;
import io.tidegate.proto.ratelimit.LeaseRequest;
import io.tidegate.proto.ratelimit.Want;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Plays a cluster in virtual time: N near sides with clocks that drift, one ledger, a bus that
 * takes its time, nodes that die with what they hold and come back empty. Whatever happens, no
 * period may see more than limit + burst.
 */
class ClusterSimulationTest {
  private static final long SECOND = 1_000_000_000L;

  static Stream<Arguments> cases() {
    return Stream.of(
        // limit, period, burst, nodes, demand as a multiple of the limit, deaths
        Arguments.of(1_000L, "1s", 100L, 3, 3.0, false),
        Arguments.of(1_000L, "1s", 100L, 5, 1.3, true),
        Arguments.of(5_000L, "1s", 500L, 8, 2.0, true),
        Arguments.of(600L, "60s", 100L, 3, 2.0, true),
        Arguments.of(600L, "60s", 60L, 4, 5.0, false),
        Arguments.of(5L, "60s", 1L, 3, 20.0, true),
        Arguments.of(7L, "10s", 3L, 6, 4.0, true),
        Arguments.of(50L, "1s", 2L, 4, 3.0, true),
        Arguments.of(999L, "7s", 99L, 3, 10.0, true));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void neverMoreThanLimitAndBurstInAnyPeriod(
      long limit, String period, long burst, int nodes, double load, boolean deaths) {
    for (int seed = 1; seed <= 3; seed++) {
      Cluster cluster = new Cluster(limit, period, burst, nodes, seed);
      cluster.run(load, cluster.periodNanos * 4 + 5 * SECOND, deaths);
      assertThat(cluster.mostInAnyPeriod())
          .as("limit %s a %s, burst %s, %s nodes, seed %s", limit, period, burst, nodes, seed)
          .isLessThanOrEqualTo(limit + burst);
    }
  }

  static Stream<Arguments> steady() {
    return Stream.of(
        Arguments.of(1_000L, "1s", 100L, 3, 1.5),
        Arguments.of(1_000L, "1s", 100L, 3, 1.0),
        Arguments.of(5_000L, "1s", 500L, 8, 1.2),
        Arguments.of(600L, "60s", 60L, 3, 1.3),
        Arguments.of(600L, "60s", 60L, 5, 1.0),
        Arguments.of(100L, "10s", 10L, 3, 4.0),
        Arguments.of(20_000L, "1s", 2_000L, 3, 1.5));
  }

  @ParameterizedTest
  @MethodSource("steady")
  void admitsNearlyAllOfTheLimitUnderSteadyTraffic(
      long limit, String period, long burst, int nodes, double load) {
    Cluster cluster = new Cluster(limit, period, burst, nodes, 42);
    long duration = cluster.periodNanos * 5;
    cluster.run(load, duration, false);
    double offered = Math.min(limit * 5.0, (double) cluster.offered);
    assertThat((double) cluster.admitted() / offered).isGreaterThanOrEqualTo(0.97);
  }

  @ParameterizedTest
  @MethodSource("steady")
  void asksTheLedgerFarLessOftenThanItIsAsked(
      long limit, String period, long burst, int nodes, double load) {
    Cluster cluster = new Cluster(limit, period, burst, nodes, 7);
    cluster.run(load * 20, cluster.periodNanos * 3, false);
    assertThat(cluster.ledgerCalls).isLessThan(cluster.offered / 2);
  }

  /** A cluster in virtual time. */
  private static final class Cluster {
    final LimitsConfig config;
    final long periodNanos;
    final Random random;
    final MemoryLedger ledger;
    final RateLimits books;
    final List<Node> nodes = new ArrayList<>();
    final PriorityQueue<Event> events = new PriorityQueue<>();
    final long limit;
    long now = 1_000 * SECOND;
    long order;
    long offered;
    long ledgerCalls;
    long[] admissions = new long[1_024];
    int admissionCount;

    Cluster(long limit, String period, long burst, int nodeCount, long seed) {
      this.limit = limit;
      this.config = SomeLimits.perUser(limit, period, burst);
      this.random = new Random(seed);
      this.ledger = new MemoryLedger(100, java.time.Duration.ofDays(1), () -> now / 1_000);
      this.books = new RateLimits(config, () -> nodeCount, () -> now, new SimpleMeterRegistry());
      this.periodNanos = books.policies().getFirst().quota().periodMicros() * 1_000;
      for (int i = 0; i < nodeCount; i++) {
        nodes.add(new Node(nodeCount, 1 + (random.nextDouble() - 0.5) / 100));
      }
    }

    void run(double load, long duration, boolean deaths) {
      long end = now + duration;
      double perNano = load * (double) limit / (double) periodNanos;
      double[] share = new double[nodes.size()];
      double sum = 0;
      for (int i = 0; i < share.length; i++) {
        share[i] = 1.0 / (i + 1);
        sum += share[i];
      }
      for (int i = 0; i < share.length; i++) {
        nextArrival(nodes.get(i), perNano * share[i] / sum, end);
      }
      if (deaths) {
        for (long at = now + SECOND; at < end; at += SECOND + random.nextLong(2 * SECOND)) {
          Node victim = nodes.get(random.nextInt(nodes.size()));
          at(at, victim::dies);
        }
      }
      while (!events.isEmpty()) {
        Event event = events.poll();
        now = event.at;
        event.work.run();
      }
    }

    void nextArrival(Node node, double perNano, long end) {
      long next = now + (long) (-Math.log(1 - random.nextDouble()) / perNano);
      if (next < end) {
        at(
            next,
            () -> {
              nextArrival(node, perNano, end);
              offered++;
              node.request();
            });
      }
    }

    void at(long time, Runnable work) {
      events.add(new Event(time, order++, work));
    }

    void admit() {
      if (admissionCount == admissions.length) {
        admissions = Arrays.copyOf(admissions, admissionCount * 2);
      }
      admissions[admissionCount++] = now;
    }

    int admitted() {
      return admissionCount;
    }

    long mostInAnyPeriod() {
      Deque<Long> window = new ArrayDeque<>();
      int most = 0;
      for (int i = 0; i < admissionCount; i++) {
        window.addLast(admissions[i]);
        while (window.getFirst() <= admissions[i] - periodNanos) {
          window.removeFirst();
        }
        most = Math.max(most, window.size());
      }
      return most;
    }

    /** Up to 4 ms there and back, now and then a stall of up to half a second. */
    long delay() {
      long usual = 20_000 + random.nextLong(2_000_000);
      return random.nextInt(2_000) == 0 ? random.nextLong(SECOND / 4) : usual;
    }

    private final class Node {
      final double drift;
      final RateLimits limits;
      RateLimiter limiter;
      int life;

      Node(int nodeCount, double drift) {
        this.drift = drift;
        this.limits =
            new RateLimits(config, () -> nodeCount, this::clock, new SimpleMeterRegistry());
        this.limiter = new RateLimiter(this::ask, limits, this::clock, new SimpleMeterRegistry());
      }

      long clock() {
        return (long) ((double) now * drift);
      }

      void dies() {
        life++;
        limiter = new RateLimiter(this::ask, limits, this::clock, new SimpleMeterRegistry());
      }

      void request() {
        int mine = life;
        limiter
            .acquire(SomeLimits.user("u"), io.tidegate.bus.Trace.NONE)
            .onSuccess(
                decision -> {
                  if (decision.allowed() && mine == life) {
                    admit();
                  }
                });
      }

      Future<LeaseReply> ask(LeaseRequest request, io.tidegate.bus.Trace trace) {
        Promise<LeaseReply> promise = Promise.promise();
        long there = now + delay();
        long back = there + delay();
        boolean tooLate = back - now > SECOND;
        at(
            there,
            () -> {
              ledgerCalls++;
              LeaseReply reply = book(request);
              at(
                  back,
                  () -> {
                    if (tooLate) {
                      promise.fail(Failure.BUS_TIMEOUT.because("late"));
                    } else {
                      promise.complete(reply);
                    }
                  });
            });
        return promise.future();
      }

      LeaseReply book(LeaseRequest request) {
        Want want = request.getWants(0);
        Quota quota = books.policies().getFirst().quota();
        Grant grant = ledger.take(want.getSubject(), quota, want.getUnits(), 0).result();
        return LeaseReply.newBuilder()
            .addLeases(RateLimits.lease(quota, 1, want.getUnits(), grant))
            .build();
      }
    }
  }

  private record Event(long at, long order, Runnable work) implements Comparable<Event> {
    @Override
    public int compareTo(Event other) {
      return at == other.at ? Long.compare(order, other.order) : Long.compare(at, other.at);
    }
  }
}
