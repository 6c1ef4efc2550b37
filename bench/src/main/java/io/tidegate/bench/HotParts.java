package io.tidegate.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Hot parts by themselves, by JMH: a quota decision and a route match, which have bars; a full run
 * also shows token check, event parse, profile encode and bus call, some seconds each.
 */
final class HotParts implements Work {
  private static final Duration LIMIT = Duration.ofMinutes(15);
  private static final String QUOTA = "QuotaBenchmark.decide";
  private static final String ROUTE = "RouteMatchBenchmark.match";
  private static final List<String> UNJUDGED =
      List.of(
          "TokenBenchmark", "EventParseBenchmark", "ProfileEncodeBenchmark", "BusCallBenchmark");

  private static final List<String> QUICK =
      List.of("-f", "1", "-wi", "2", "-w", "500ms", "-i", "2", "-r", "500ms");
  private static final List<String> BRIEF =
      List.of("-f", "1", "-wi", "4", "-w", "1s", "-i", "7", "-r", "1s");
  private static final List<String> THOROUGH =
      List.of("-f", "3", "-wi", "5", "-w", "2s", "-i", "5", "-r", "2s");

  @Override
  public String name() {
    return "hot-parts";
  }

  @Override
  public Duration quickTime() {
    return Duration.ofSeconds(15);
  }

  @Override
  public List<Bar> bars() {
    return List.of(Bar.QUOTA_TIME, Bar.QUOTA_BYTES, Bar.ROUTE_MATCH);
  }

  @Override
  public void run(Bench bench, Report report) throws InterruptedException, IOException {
    judge(report, jmh(bench, List.of(QUOTA, ROUTE), bench.quick() ? QUICK : THOROUGH));
    if (!bench.quick()) {
      jmh(bench, UNJUDGED, BRIEF).forEach(found -> report.add(HotPart.of(found)));
    }
  }

  private static void judge(Report report, List<Found> all) {
    for (Found found : all) {
      report.add(HotPart.of(found));
      String figure =
          String.format(
              Locale.ROOT,
              "%.1f +- %.1f ns, %.4f bytes",
              found.nanos(),
              found.error(),
              found.bytes());
      if (found.benchmark().equals(QUOTA)) {
        report.judge(Bar.QUOTA_TIME, found.nanos(), figure);
        report.judge(Bar.QUOTA_BYTES, found.bytes(), figure);
      } else if (found.benchmark().equals(ROUTE)) {
        report.judge(Bar.ROUTE_MATCH, found.nanos(), figure);
      }
    }
  }

  private static List<Found> jmh(Bench bench, List<String> benchmarks, List<String> length)
      throws InterruptedException, IOException {
    bench.say("JMH: " + String.join(", ", benchmarks));
    Path file = bench.directory().resolve("jmh.json");
    List<String> command = new ArrayList<>(Jvm.command("org.openjdk.jmh.Main"));
    command.addAll(benchmarks);
    command.addAll(List.of("-p", "policies=1", "-prof", "gc", "-foe", "true"));
    command.addAll(length);
    command.addAll(List.of("-rf", "json", "-rff", file.toString()));
    Shell.run(bench.cores().forContender(command), LIMIT);
    return Found.parse(Files.readString(file));
  }
}
