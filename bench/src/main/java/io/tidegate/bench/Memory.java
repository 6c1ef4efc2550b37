package io.tidegate.bench;

import java.io.IOException;
import java.time.Duration;
import java.util.List;

/**
 * What is resident of a node that is fully busy with the profiles of a million customers; the node
 * that other works have used before.
 */
final class Memory implements Work {
  private static final String WORK = "profile read, million customers";

  @Override
  public String name() {
    return "memory";
  }

  @Override
  public Duration quickTime() {
    return Duration.ofSeconds(4);
  }

  @Override
  public List<Bar> bars() {
    return List.of(Bar.MEMORY);
  }

  @Override
  public void run(Bench bench, Report report) throws InterruptedException, IOException {
    TidegateNode node = bench.node();
    Customers.ensure(bench, bench.stack().postgresUri(), ProfileCold.CUSTOMERS);
    Target all = ProfileHit.profiles(node, bench.tokens().bearer("bench"), ProfileCold.CUSTOMERS);
    Series series =
        bench
            .roundsOfSlowStarters()
            .runWarm(WORK, List.of(bench.contender(Bench.TIDEGATE, node.process(), all)))
            .get(Bench.TIDEGATE);
    if (series != null) {
      report.add(List.of(series));
      double most =
          series.samples().stream()
              .mapToDouble(sample -> sample.residentBytes() / 1048576.0)
              .max()
              .orElse(0);
      report.judge(
          Bar.MEMORY,
          most,
          "%,.0f MiB after %,.0f/s of uncached reads".formatted(most, series.rate()));
    }
  }
}
