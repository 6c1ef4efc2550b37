package io.tidegate.bench;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.IntPredicate;

/** The report as tables of text. */
final class BenchTable {
  private BenchTable() {}

  static void print(Report report, PrintWriter out) {
    if (!report.series().isEmpty()) {
      contenders(report.series(), out);
    }
    if (!report.parts().isEmpty()) {
      parts(report.parts(), out);
    }
    if (!report.verdicts().isEmpty()) {
      bars(report.verdicts(), out);
    }
    report.notes().forEach(note -> out.println("* " + note));
    if (!report.verdicts().isEmpty() || !report.isWhole()) {
      out.println();
      out.println(report.outcome());
    }
    out.flush();
  }

  private static void contenders(List<Series> all, PrintWriter out) {
    List<List<String>> rows = new ArrayList<>();
    rows.add(
        List.of(
            "work",
            "contender",
            "per s",
            "+-%",
            "p50 us",
            "p99",
            "p99.9",
            "CPU us",
            "+-%",
            "busy",
            "MiB"));
    for (Series series : all) {
      rows.add(
          List.of(
              series.work(),
              series.contender(),
              number("%,.0f", series.rate()),
              number("%.0f", series.spread(sample -> sample.load().rate())),
              latency(series.median(sample -> sample.load().p50Micros())),
              latency(series.median(sample -> sample.load().p99Micros())),
              latency(series.median(sample -> sample.load().p999Micros())),
              number("%.1f", series.cpuMicros()),
              number("%.0f", series.spread(Sample::cpuMicros)),
              number("%.2f", series.median(Sample::busy)),
              number("%.0f", series.residentMiB())));
    }
    print(rows, column -> column >= 2, out);
    out.println();
  }

  private static String number(String format, double value) {
    return value == 0 ? "-" : String.format(Locale.ROOT, format, value);
  }

  /** A tool that can't tell says a negative one. */
  static String latency(double micros) {
    return micros < 0 ? "-" : micros < 1 ? "< 1" : String.format(Locale.ROOT, "%,.0f", micros);
  }

  private static void parts(List<HotPart> all, PrintWriter out) {
    List<List<String>> rows = new ArrayList<>();
    rows.add(List.of("hot part", "ns", "+-", "bytes"));
    for (HotPart part : all) {
      rows.add(
          List.of(
              part.what(),
              number("%,.1f", part.nanos()),
              number("%,.1f", part.error()),
              String.format(Locale.ROOT, "%,.1f", part.bytes())));
    }
    print(rows, column -> column >= 1, out);
    out.println();
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
    print(rows, column -> column == 3 || column == 4, out);
  }

  /** In columns as wide as what is in them. */
  private static void print(List<List<String>> rows, IntPredicate isNumber, PrintWriter out) {
    int[] widths = new int[rows.getFirst().size()];
    for (List<String> row : rows) {
      for (int column = 0; column < widths.length; column++) {
        widths[column] = Math.max(widths[column], row.get(column).length());
      }
    }
    for (List<String> row : rows) {
      StringBuilder line = new StringBuilder();
      for (int column = 0; column < widths.length; column++) {
        String side = isNumber.test(column) ? "" : "-";
        line.append(("%" + side + widths[column] + "s").formatted(row.get(column))).append("  ");
      }
      out.println(line.toString().stripTrailing());
    }
  }
}
