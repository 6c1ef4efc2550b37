package io.tidegate.load;

import com.google.errorprone.annotations.FormatMethod;
import io.tidegate.load.Verdict.Outcome;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.HdrHistogram.Histogram;

/** The end of a run in the terminal: counts, statuses, response times, what holds and what not. */
final class Summary {
  /** Exit code: something asserted does not hold. */
  static final int FAILED = 1;

  /** Exit code: nothing failed, but not all could be looked at. */
  static final int NOT_LOOKED_AT = 3;

  private static final int MOST_ERRORS = 8;

  private final PrintWriter out;

  Summary(PrintWriter out) {
    this.out = out;
  }

  /**
   * What a run was.
   *
   * @param took from the first request to the last answer
   * @param cpuMicros of the load generator, per request
   */
  record Run(
      String name,
      GatlingLog log,
      Answers answers,
      Duration took,
      double cpuMicros,
      List<Verdict> verdicts,
      Path report) {
    /** What the process ends with. */
    int exitCode() {
      if (count(Outcome.FAIL) > 0) {
        return FAILED;
      }
      return count(Outcome.UNKNOWN) > 0 ? NOT_LOOKED_AT : 0;
    }

    /** In a line. */
    String result() {
      String unknown = count(Outcome.UNKNOWN) + " could not be looked at";
      return switch (exitCode()) {
        case FAILED -> "FAILED: " + ofAll(count(Outcome.FAIL) + " do not hold, " + unknown);
        case NOT_LOOKED_AT -> "NOT PASSED: " + ofAll(unknown);
        default -> "passed";
      };
    }

    private String ofAll(String what) {
      return "of " + verdicts.size() + " assertions " + what;
    }

    private long count(Outcome outcome) {
      return verdicts.stream().filter(verdict -> verdict.outcome() == outcome).count();
    }
  }

  void print(Run run) {
    double seconds = run.took.toMillis() / 1e3;
    line(
        "%n%s: %,d requests in %,.1f s (%,.0f/s), %,d failed",
        run.name,
        run.log.requests(),
        seconds,
        run.log.requests() / Math.max(0.001, seconds),
        run.log.failed());
    line("%n  %-20s %12s %8s %8s %8s %8s  %s", "", "answers", "p50 ms", "p99", "p99.9", "max", "");
    run.answers
        .byRequest()
        .forEach((request, counts) -> row(request, run.answers.times(request), counts.statuses()));
    if (run.answers.byRequest().size() > 1) {
      row("all", run.answers.times(""), Map.of());
    }
    long unanswered = run.log.requests() - run.answers.total();
    if (unanswered > 0) {
      line("  %-20s %,12d", "(no answer)", unanswered);
    }
    if (!run.log.errors().isEmpty()) {
      line("%nNot as expected:");
      run.log.errors().stream().limit(MOST_ERRORS).forEach(error -> line("  %s", error));
    }
    line("%nAssertions:");
    run.verdicts.forEach(verdict -> line("  %-7s  %s", verdict.outcome(), verdict.text()));
    line("%nLoad generator: %.0f us of CPU per request", run.cpuMicros);
    line("Report: %s", run.report.resolve("index.html").toAbsolutePath().normalize());
    line("%s %s", run.name, run.result());
    out.flush();
  }

  private void row(String name, Histogram times, Map<Integer, Long> statuses) {
    line(
        "  %-20s %,12d %,8d %,8d %,8d %,8d  %s",
        name,
        times.getTotalCount(),
        times.getValueAtPercentile(50),
        times.getValueAtPercentile(99),
        times.getValueAtPercentile(99.9),
        times.getMaxValue(),
        statuses.entrySet().stream()
            .map(entry -> String.format(Locale.ROOT, "%d: %,d", entry.getKey(), entry.getValue()))
            .collect(Collectors.joining(", ")));
  }

  @FormatMethod
  private void line(String format, Object... values) {
    out.println(String.format(Locale.ROOT, format, values));
  }
}
