package io.tidegate.bench;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * What single settings of a node do to its processor time for a routed GET: a node as usual beside
 * one that differs in one setting, in turns. Figures for docs/adr/0011-levers.md.
 */
final class Levers implements Work {
  private static final String USUAL = "as usual";
  private static final Duration WARM_UP = Duration.ofSeconds(45);
  private static final String JAVA_OPTS = "TIDEGATE_JAVA_OPTS";

  private static final List<Lever> ALL =
      List.of(
          new Lever("epoll", "TIDEGATE_NODE_TRANSPORT", "epoll"),
          new Lever("G1", JAVA_OPTS, "-XX:-UseParallelGC -XX:+UseG1GC"),
          new Lever("ZGC", JAVA_OPTS, "-XX:-UseParallelGC -XX:+UseZGC"),
          new Lever("large object headers", JAVA_OPTS, "-XX:-UseCompactObjectHeaders"),
          new Lever("pooled allocator", JAVA_OPTS, "-Dio.netty.allocator.type=pooled"),
          new Lever("unchecked headers", JAVA_OPTS, "-Dvertx.disableHttpHeadersValidation=true"),
          new Lever("transparent huge pages", JAVA_OPTS, "-XX:+UseTransparentHugePages"));

  /**
   * A setting.
   *
   * @param name as tables show it
   * @param variable of the environment that sets it
   */
  private record Lever(String name, String variable, String value) {}

  @Override
  public String name() {
    return "levers";
  }

  @Override
  public boolean onRequest() {
    return true;
  }

  @Override
  public Duration quickTime() {
    return Duration.ZERO;
  }

  @Override
  public List<Bar> bars() {
    return List.of();
  }

  @Override
  public void run(Bench bench, Report report) throws InterruptedException, IOException {
    try (TidegateNode usual = bench.start(shape(USUAL, JAVA_OPTS, ""))) {
      bench.warmUp(usual, WARM_UP);
      for (Lever lever : ALL) {
        try {
          compare(bench, report, lever, usual);
        } catch (BenchFailure e) {
          bench.failed(lever.name() + ": " + e.getMessage());
          report.note(lever.name() + ": not measured, " + e.getMessage());
        }
      }
    }
  }

  /** None has an AOT cache: one fits a JVM of the same flags only. */
  private static NodeShape shape(String name, String variable, String value) {
    String given = System.getenv().getOrDefault(JAVA_OPTS, "") + " -XX:AOTMode=off ";
    NodeShape shape = NodeShape.usual("lever-" + name.replace(' ', '-'));
    return variable.equals(JAVA_OPTS)
        ? shape.with(JAVA_OPTS, (given + value).strip())
        : shape.with(JAVA_OPTS, given.strip()).with(variable, value);
  }

  private static void compare(Bench bench, Report report, Lever lever, TidegateNode usual)
      throws InterruptedException, IOException {
    NodeShape shape = shape(lever.name(), lever.variable(), lever.value());
    try (TidegateNode other = bench.start(shape)) {
      bench.warmUp(other, WARM_UP);
      Map<String, Series> all =
          bench
              .roundsOfWarm()
              .run(
                  lever.name() + ", routed GET",
                  List.of(routed(bench, USUAL, usual), routed(bench, lever.name(), other)));
      report.add(all.values());
      Series own = all.get(lever.name());
      Series normal = all.get(USUAL);
      if (own != null && normal != null) {
        report.note(
            "%s: %.2f x the usual processor time"
                .formatted(lever.name(), own.cpuMicros() / normal.cpuMicros()));
      }
    }
  }

  private static Contender routed(Bench bench, String name, TidegateNode node) throws IOException {
    return bench.contender(
        name, node.process(), Target.get(node.url("/routed/item")).by(bench.callers()));
  }
}
