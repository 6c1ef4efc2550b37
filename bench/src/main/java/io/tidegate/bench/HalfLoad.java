package io.tidegate.bench;

import io.tidegate.bench.Peers.Peer;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Latency of a routed GET at half of the rate that the node can do, in open loop: requests are sent
 * when they are due. nginx has the same rate.
 */
final class HalfLoad implements Work {
  private static final String WORK = "routed GET, half of maximum";
  private static final String NGINX = "nginx";
  private static final Duration LEAST = Duration.ofSeconds(3);

  @Override
  public String name() {
    return "half-load";
  }

  @Override
  public Duration quickTime() {
    return Duration.ofSeconds(14);
  }

  @Override
  public List<Bar> bars() {
    return List.of(Bar.TAIL);
  }

  @Override
  public void run(Bench bench, Report report) throws InterruptedException, IOException {
    TidegateNode node = bench.node();
    String bearer = bench.tokens().bearer("bench");
    Target ours = Target.get(node.url("/routed/item")).with("authorization", bearer);
    double rate = maximum(bench, report, node, ours) / 2;
    Programs programs = new Programs(bench.cores());
    int warmUp = bench.quick() ? 8 : 20;
    List<Contender> contenders = new ArrayList<>();
    contenders.add(
        new Contender(
            Bench.TIDEGATE,
            node.process(),
            time -> programs.openLoop(ours, rate, warmUp, enough(time))));
    // What nginx shows is the generator's own; a quick run has no time for it.
    if (!bench.quick() && Tools.find("nginx").isPresent()) {
      Peer nginx = bench.peers().nginx(bench.upstream().port());
      Target theirs = Target.get(nginx.url("/routed/item")).with("authorization", bearer);
      contenders.add(
          new Contender(
              NGINX,
              nginx.process(),
              time -> programs.openLoop(theirs, rate, warmUp, enough(time))));
    }
    Map<String, Series> all = bench.roundsOfSlowStarters().runWarm(WORK, contenders);
    report.add(all.values());
    Series own = all.get(Bench.TIDEGATE);
    if (own != null) {
      double p99 = own.median(sample -> sample.load().p99Micros()) / 1_000;
      report.judge(Bar.TAIL, p99, "%.2f ms at %,.0f/s".formatted(p99, own.rate()));
    }
  }

  /** A second's slowest hundredth is a handful of requests. */
  private static Duration enough(Duration time) {
    return time.compareTo(LEAST) < 0 ? LEAST : time;
  }

  /** As the comparison of routed GETs found it, or found here. */
  private static double maximum(Bench bench, Report report, TidegateNode node, Target target)
      throws InterruptedException, IOException {
    for (Series series : report.series()) {
      if (series.work().equals(RoutedGet.WORK) && series.contender().equals(Bench.TIDEGATE)) {
        return series.rate();
      }
    }
    Contender closed = bench.contender(Bench.TIDEGATE, node.process(), target);
    Series found = bench.rounds().run(RoutedGet.WORK, List.of(closed)).get(Bench.TIDEGATE);
    if (found == null) {
      throw new BenchFailure("no half of a maximum that was not found");
    }
    return found.rate();
  }
}
