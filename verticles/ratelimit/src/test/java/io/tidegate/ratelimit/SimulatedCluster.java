package io.tidegate.ratelimit;

import io.tidegate.bus.Trace;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.function.LongToIntFunction;

/**
 * A cluster in virtual time: nodes with clocks that drift, one ledger, networks that take their
 * time and can be cut. All code under test is the real one, but for the bus, the beats and Redis.
 */
final class SimulatedCluster {
  static final long MS = 1_000_000L;
  static final long SECOND = 1_000 * MS;

  final LimitsConfig config;
  final Random random;
  final MemoryLedger ledger;
  final Quota quota;
  final long periodNanos;
  final List<SimulatedNode> nodes = new ArrayList<>();
  private final PriorityQueue<Event> events = new PriorityQueue<>();
  private final long begin = 1_000 * SECOND;
  private long end;
  private long now = begin;
  private long order;
  private long[] admissions = new long[1_024];
  private int admitted;
  private long idealTat;
  private long[] ideal = new long[1_024];
  private int ideally;
  private double demand;
  private LongToIntFunction spread = at -> 0;
  long offered;
  long ledgerCalls;
  boolean ledgerDown;

  SimulatedCluster(long limit, String period, long burst, int nodeCount, long seed) {
    this.config = SomeLimits.perUser(limit, period, burst);
    this.quota = Policies.of(config).getFirst().quota();
    this.periodNanos = quota.periodMicros() * 1_000;
    this.random = new Random(seed);
    this.ledger = new MemoryLedger(100, Duration.ofDays(1), () -> now / 1_000);
    for (int i = 0; i < nodeCount; i++) {
      nodes.add(new SimulatedNode(this, i));
    }
  }

  /**
   * Requests at random, so many times the limit.
   *
   * @param to node's number by the time since the beginning, nanoseconds
   */
  SimulatedCluster traffic(double timesTheLimit, LongToIntFunction to) {
    demand = timesTheLimit * (double) quota.limit() / (double) periodNanos;
    spread = to;
    return this;
  }

  /** Does something to the cluster, so long after the beginning. */
  SimulatedCluster after(long nanos, Runnable work) {
    at(begin + nanos, work);
    return this;
  }

  SimulatedCluster run(long nanos) {
    end = begin + nanos;
    nodes.forEach(SimulatedNode::starts);
    nextRequest();
    while (!events.isEmpty() && events.peek().at < end) {
      Event event = events.poll();
      now = event.at;
      event.work.run();
    }
    return this;
  }

  private void nextRequest() {
    at(
        now + (long) (-Math.log(1 - random.nextDouble()) / demand),
        () -> {
          nextRequest();
          offered++;
          Grant grant = quota.take(idealTat, now / 1_000, quota.cost(), 1);
          idealTat = grant.tat();
          if (grant.granted() > 0) {
            ideal = ideally == ideal.length ? Arrays.copyOf(ideal, ideally * 2) : ideal;
            ideal[ideally++] = now;
          }
          nodes.get(spread.applyAsInt(now - begin)).request(SomeLimits.user("u"), Trace.NONE);
        });
  }

  long now() {
    return now;
  }

  long elapsed() {
    return now - begin;
  }

  void at(long time, Runnable work) {
    events.add(new Event(time, order++, work));
  }

  void admits() {
    if (admitted == admissions.length) {
      admissions = Arrays.copyOf(admissions, admitted * 2);
    }
    admissions[admitted++] = now;
  }

  /** One way: up to 2 ms, now and then a stall of up to a quarter second. */
  long delay() {
    return random.nextInt(2_000) == 0
        ? random.nextLong(SECOND / 4)
        : 20_000 + random.nextLong(2 * MS);
  }

  /**
   * Admitted from so long to so long after the beginning, as a part of what the limit, or one
   * bucket for all that asks for nothing over any network, would have admitted of the same
   * requests; whichever is less. A bucket that is all but empty loses to chance what comes too
   * close together.
   */
  double got(long from, long to) {
    double limit = (double) quota.limit() * (double) (to - from) / (double) periodNanos;
    return count(admissions, admitted, from, to) / Math.min(limit, count(ideal, ideally, from, to));
  }

  /** Admitted from so long to so long after the beginning. */
  int admitted(long from, long to) {
    return (int) count(admissions, admitted, from, to);
  }

  private double count(long[] times, int size, long from, long to) {
    int count = 0;
    for (int i = 0; i < size; i++) {
      count += times[i] - begin >= from && times[i] - begin < to ? 1 : 0;
    }
    return count;
  }

  /** The most that any window of a period saw. */
  int mostInAnyPeriod() {
    int most = 0;
    int first = 0;
    for (int i = 0; i < admitted; i++) {
      while (admissions[first] <= admissions[i] - periodNanos) {
        first++;
      }
      most = Math.max(most, i - first + 1);
    }
    return most;
  }

  private record Event(long at, long order, Runnable work) implements Comparable<Event> {
    @Override
    public int compareTo(Event other) {
      return at == other.at ? Long.compare(order, other.order) : Long.compare(at, other.at);
    }
  }
}
