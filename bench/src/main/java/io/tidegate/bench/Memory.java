package io.tidegate.bench;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * The most that was resident of the node that most works use, at any time, and of others at the end
 * of a round, after that node has read the profiles of a million customers one after the other.
 */
final class Memory implements Work {
  private static final String WORK = "profile read, million customers";
  private static final double MIB = 1048576;

  /** A machine that reads more slowly says how far it came. */
  private static final Duration LIMIT = Duration.ofSeconds(180);

  @Override
  public String name() {
    return "memory";
  }

  @Override
  public boolean readsMillion() {
    return true;
  }

  @Override
  public Duration quickTime() {
    return Duration.ofSeconds(2);
  }

  @Override
  public List<Bar> bars() {
    return List.of(Bar.MEMORY);
  }

  @Override
  public void run(Bench bench, Report report) throws InterruptedException, IOException {
    TidegateNode node = bench.node();
    Customers.ensure(bench, bench.stack().postgresUri(), ProfileCold.CUSTOMERS);
    Contender reader =
        ProfileCold.onward(
            bench, Bench.TIDEGATE, node, ProfileHit.profiles(bench, node, ProfileCold.CUSTOMERS));
    long begin = System.nanoTime();
    List<Sample> samples = new ArrayList<>();
    long read = 0;
    do {
      Sample sample = Rounds.measure(WORK, reader, samples.size() + 1, bench.time());
      samples.add(sample);
      read += sample.load().requests();
    } while (!bench.quick()
        && read < ProfileCold.CUSTOMERS
        && System.nanoTime() - begin < LIMIT.toNanos());
    Series series = new Series(WORK, Bench.TIDEGATE, samples);
    report.add(List.of(series));
    long atEnds =
        report.series().stream()
            .filter(each -> each.contender().startsWith(Bench.TIDEGATE))
            .flatMap(each -> each.samples().stream())
            .mapToLong(Sample::residentBytes)
            .max()
            .orElse(0);
    double most = Math.max(atEnds, node.process().usage().peakBytes());
    double after = samples.getLast().residentBytes();
    report.judge(
        Bar.MEMORY,
        most / MIB,
        "%,.0f MiB at most so far; %,.0f MiB after reading %,d of 10^6"
            .formatted(most / MIB, after / MIB, Math.min(read, ProfileCold.CUSTOMERS)));
  }
}
