package io.tidegate.bench;

import io.tidegate.bench.Peers.Peer;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/** A GET through each gateway to the same upstream, 64 connections that stay open. */
final class RoutedGet implements Work {
  static final String WORK = "routed GET";

  private static final String NGINX = "nginx";
  private static final String SPRING = "Spring Cloud Gateway";

  @Override
  public String name() {
    return "routed";
  }

  @Override
  public Duration quickTime() {
    return Duration.ofSeconds(46);
  }

  @Override
  public List<Bar> bars() {
    return List.of(Bar.ROUTED_CPU_NGINX, Bar.ROUTED_CPU_SPRING, Bar.ROUTED_RATE);
  }

  @Override
  public void prepare(Path home, Consumer<String> say) throws InterruptedException, IOException {
    var unused = SpringGateway.build(home, say);
  }

  /** Starts one of the peers. */
  private interface Start {
    Peer peer(int upstream) throws IOException, InterruptedException;
  }

  @Override
  public void run(Bench bench, Report report) throws InterruptedException, IOException {
    int upstream = bench.upstream().port();
    TidegateNode node = bench.node();
    List<Contender> contenders = new ArrayList<>();
    contenders.add(
        bench.contender(
            Bench.TIDEGATE,
            node.process(),
            Target.get(node.url("/routed/item")).by(bench.callers())));
    Map<String, Start> starts = new LinkedHashMap<>();
    starts.put(NGINX, bench.peers()::nginx);
    starts.put("HAProxy", bench.peers()::haproxy);
    starts.put(SPRING, port -> SpringGateway.start(bench, port));
    starts.put("bare Vert.x", bench.peers()::bareForwarder);
    if (!bench.quick()) {
      starts.put("vertx-http-proxy", bench.peers()::vertxHttpProxy);
    }
    Map<String, String> absent = new LinkedHashMap<>();
    for (Map.Entry<String, Start> start : starts.entrySet()) {
      try {
        Peer peer = start.getValue().peer(upstream);
        Target target = Target.get(peer.url("/routed/item")).by(bench.callers());
        contenders.add(bench.contender(start.getKey(), peer.process(), target));
      } catch (BenchFailure e) {
        absent.put(start.getKey(), String.valueOf(e.getMessage()));
        report.note("routed GET without " + start.getKey() + ": " + e.getMessage());
      }
    }
    Map<String, Series> series = bench.rounds().run(WORK, contenders);
    report.add(series.values());
    judge(report, series, who -> absent.getOrDefault(who, bench.failure()));
  }

  /**
   * @param absent why one is not there
   */
  private static void judge(Report report, Map<String, Series> all, UnaryOperator<String> absent) {
    Series own = all.get(Bench.TIDEGATE);
    Series nginx = all.get(NGINX);
    Series spring = all.get(SPRING);
    if (own == null) {
      return;
    }
    if (nginx == null) {
      String why = absent.apply(NGINX);
      report.missing(Bar.ROUTED_CPU_NGINX, why);
      report.missing(Bar.ROUTED_RATE, why);
    } else {
      report.judge(Bar.ROUTED_CPU_NGINX, own.cpuMicros() / nginx.cpuMicros(), cpu(own, nginx));
      report.judge(Bar.ROUTED_RATE, own.rate() / nginx.rate(), rate(own, nginx));
    }
    if (spring == null) {
      report.missing(Bar.ROUTED_CPU_SPRING, absent.apply(SPRING));
    } else {
      report.judge(Bar.ROUTED_CPU_SPRING, own.cpuMicros() / spring.cpuMicros(), cpu(own, spring));
    }
  }

  /** Two figures in words. */
  static String cpu(Series own, Series other) {
    return "%.1f us, %s %.1f us".formatted(own.cpuMicros(), other.contender(), other.cpuMicros());
  }

  /** Two figures in words. */
  static String rate(Series own, Series other) {
    return "%,.0f/s, %s %,.0f/s".formatted(own.rate(), other.contender(), other.rate());
  }
}
