package io.tidegate.bench;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The report as tables of text. */
final class BenchTable {
  private static final String WIDE_ROW = "%-30s %-24s %16s %8s %8s %8s %10s %6s %8s%n";

  private BenchTable() {}

  static void print(Report report, PrintWriter out) {
    if (!report.series().isEmpty()) {
      contenders(report.series(), out);
    }
    bars(report.verdicts(), out);
    report.notes().forEach(note -> out.println("* " + note));
    out.flush();
  }

  private static void contenders(List<Series> all, PrintWriter out) {
    out.printf(
        WIDE_ROW, "work", "contender", "per s", "p50 us", "p99", "p99.9", "CPU us", "busy", "MiB");
    for (Series series : all) {
      out.printf(
          Locale.ROOT,
          WIDE_ROW,
          series.work(),
          series.contender(),
          "%,.0f +-%.0f%%".formatted(series.rate(), series.spread(sample -> sample.load().rate())),
          latency(series.median(sample -> sample.load().p50Micros())),
          latency(series.median(sample -> sample.load().p99Micros())),
          latency(series.median(sample -> sample.load().p999Micros())),
          "%.1f +-%.0f%%".formatted(series.cpuMicros(), series.spread(Sample::cpuMicros)),
          "%.2f".formatted(series.median(Sample::busy)),
          "%.0f".formatted(series.residentMiB()));
    }
    out.println();
  }

  /** A tool that can't tell says a negative one. */
  static String latency(double micros) {
    return micros < 0 ? "-" : String.format(Locale.ROOT, "%,.0f", micros);
  }

  private static void bars(List<Verdict> verdicts, PrintWriter out) {
    List<List<String>> rows = new ArrayList<>();
    rows.add(List.of("work", "measure", "figures", "value", "bar", ""));
    for (Verdict verdict : verdicts) {
      rows.add(
          List.of(
              verdict.bar().work(),
              verdict.bar().what(),
              verdict.figure(),
              verdict.valueText(),
              verdict.bar().text(),
              verdict.word()));
    }
    int[] widths = new int[6];
    for (List<String> row : rows) {
      for (int column = 0; column < widths.length; column++) {
        widths[column] = Math.max(widths[column], row.get(column).length());
      }
    }
    for (List<String> row : rows) {
      StringBuilder line = new StringBuilder();
      for (int column = 0; column < widths.length; column++) {
        boolean number = column == 3 || column == 4;
        line.append(("%" + (number ? "" : "-") + widths[column] + "s").formatted(row.get(column)));
        line.append("  ");
      }
      out.println(line.toString().stripTrailing());
    }
  }
}
