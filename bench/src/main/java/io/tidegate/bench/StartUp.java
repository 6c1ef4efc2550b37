package io.tidegate.bench;

import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * From the launcher's start to the first "ready" of a node with all roles and servers that are up;
 * on all processors, since nothing else has work. The launcher's own time counts.
 */
final class StartUp implements Work {
  private static final String WITHOUT_CACHE = "-XX:AOTMode=off";

  /** A JVM that can't use its cache does not start. */
  private static final String CACHE_OR_NOTHING = "-XX:AOTMode=on";

  @Override
  public String name() {
    return "start";
  }

  @Override
  public Duration quickTime() {
    return Duration.ofSeconds(10);
  }

  @Override
  public List<Bar> bars() {
    return List.of(Bar.START_CACHED, Bar.START_PLAIN);
  }

  @Override
  public void run(Bench bench, Report report) throws InterruptedException, IOException {
    int times = bench.quick() ? 1 : 5;
    double[] plain = new double[times];
    double[] cached = new double[times];
    String noCache = "";
    for (int i = 0; i < times; i++) {
      plain[i] = seconds(bench, NodeShape.usual("start-plain-" + i), WITHOUT_CACHE);
      try {
        cached[i] =
            noCache.isEmpty()
                ? seconds(bench, NodeShape.usual("start-cached-" + i), CACHE_OR_NOTHING)
                : 0;
      } catch (BenchFailure e) {
        noCache = "no AOT cache that fits (./tidegate aot makes one): " + e.getMessage();
      }
    }
    report.judge(Bar.START_PLAIN, Series.median(plain), inWords(plain));
    if (noCache.isEmpty()) {
      report.judge(Bar.START_CACHED, Series.median(cached), inWords(cached));
    } else {
      report.missing(Bar.START_CACHED, noCache);
    }
    Flames flames = bench.flames();
    if (flames != null) {
      draw(bench, flames, "start-without-cache", WITHOUT_CACHE);
      draw(bench, flames, "start", CACHE_OR_NOTHING);
    }
  }

  private static double seconds(Bench bench, NodeShape shape, String option)
      throws InterruptedException, IOException {
    try (TidegateNode node = start(bench, shape, option)) {
      return node.startSeconds();
    }
  }

  /** From the first moment until it is ready. */
  private static void draw(Bench bench, Flames flames, String what, String option)
      throws InterruptedException {
    String profiled = option + " " + flames.fromTheStart();
    try (TidegateNode node = start(bench, NodeShape.usual(what), profiled)) {
      flames.ends(what, node.process());
    } catch (BenchFailure | IOException e) {
      bench.say("no profile: " + e.getMessage());
    }
  }

  private static TidegateNode start(Bench bench, NodeShape shape, String option)
      throws InterruptedException, IOException {
    String given = System.getenv().getOrDefault("TIDEGATE_JAVA_OPTS", "");
    NodeShape started = shape.with("TIDEGATE_JAVA_OPTS", (given + " " + option).strip());
    return bench.startUnpinned(started);
  }

  private static String inWords(double... seconds) {
    return Arrays.stream(seconds)
        .sorted()
        .mapToObj(each -> String.format(Locale.ROOT, "%.2f", each))
        .collect(Collectors.joining(", ", "", " s"));
  }
}
