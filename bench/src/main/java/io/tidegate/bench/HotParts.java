package io.tidegate.bench;

import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** A quota decision and a route match by themselves, by JMH. */
final class HotParts implements Work {
  private static final Duration LIMIT = Duration.ofMinutes(15);
  private static final String QUOTA = "QuotaBenchmark.decide";
  private static final String ROUTE = "RouteMatchBenchmark.match";

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

  /**
   * What JMH found of one benchmark.
   *
   * @param score nanoseconds of one operation
   * @param error half of the 99.9 % confidence interval
   * @param bytes allocated by one operation
   */
  record Found(String benchmark, double score, double error, double bytes) {}

  @Override
  public void run(Bench bench, Report report) throws InterruptedException, IOException {
    bench.say("JMH: quota decision, route match");
    Path file = bench.directory().resolve("jmh.json");
    List<String> command = new ArrayList<>(Jvm.command("org.openjdk.jmh.Main"));
    command.addAll(List.of(QUOTA, ROUTE, "-p", "policies=1", "-prof", "gc", "-foe", "true"));
    command.addAll(
        bench.quick()
            ? List.of("-f", "1", "-wi", "2", "-w", "500ms", "-i", "2", "-r", "500ms")
            : List.of("-f", "3", "-wi", "5", "-w", "2s", "-i", "5", "-r", "2s"));
    command.addAll(List.of("-rf", "json", "-rff", file.toString()));
    Shell.run(bench.cores().forContender(command), LIMIT);
    for (Found found : parse(Files.readString(file))) {
      String figure =
          String.format(
              Locale.ROOT,
              "%.1f +- %.1f ns, %.4f bytes",
              found.score(),
              found.error(),
              found.bytes());
      if (found.benchmark().endsWith(QUOTA)) {
        report.judge(Bar.QUOTA_TIME, found.score(), figure);
        report.judge(Bar.QUOTA_BYTES, found.bytes(), figure);
      } else if (found.benchmark().endsWith(ROUTE)) {
        report.judge(Bar.ROUTE_MATCH, found.score(), figure);
      }
    }
  }

  /** JMH's results in JSON, with those of its profiler {@code gc}. */
  static List<Found> parse(String json) {
    try {
      List<Found> all = new ArrayList<>();
      for (Object each : new JsonArray(json)) {
        if (each instanceof JsonObject result) {
          JsonObject primary = result.getJsonObject("primaryMetric");
          all.add(
              new Found(
                  result.getString("benchmark"),
                  primary.getDouble("score"),
                  number(primary, "scoreError"),
                  allocated(result.getJsonObject("secondaryMetrics"))));
        }
      }
      return all;
    } catch (DecodeException e) {
      throw new BenchFailure("JMH's results can't be read: " + e.getMessage());
    }
  }

  private static double allocated(JsonObject secondary) {
    for (Map.Entry<String, Object> metric : secondary) {
      if (metric.getKey().endsWith("gc.alloc.rate.norm")
          && metric.getValue() instanceof JsonObject value) {
        return number(value, "score");
      }
    }
    throw new BenchFailure("JMH told no allocations");
  }

  /** JMH writes "NaN" where it has too few samples. */
  private static double number(JsonObject metric, String key) {
    return metric.getValue(key) instanceof Number number ? number.doubleValue() : 0;
  }
}
