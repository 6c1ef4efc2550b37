package io.tidegate.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;

/** The report as bar charts, one SVG file for each work and figure. */
final class Plot {
  private static final int WIDTH = 760;
  private static final int LABELS = 210;
  private static final int FIGURES = 110;
  private static final int BAR_HEIGHT = 22;
  private static final int STEP = 30;
  private static final int TOP = 48;
  private static final String OURS = "Tidegate";

  private Plot() {}

  /** Writes the charts. */
  static void write(Report report, Path directory) throws IOException {
    Map<String, List<Series>> works =
        report.series().stream().collect(Collectors.groupingBy(Series::work));
    for (Map.Entry<String, List<Series>> work : works.entrySet()) {
      String file = work.getKey().toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-");
      draw(directory, file + "-rate", work, "per second, more is better", Series::rate);
      draw(
          directory,
          file + "-cpu",
          work,
          "CPU microseconds each, less is better",
          Series::cpuMicros);
      draw(
          directory,
          file + "-p99",
          work,
          "p99 latency, microseconds, less is better",
          series -> series.median(sample -> sample.load().p99Micros()));
    }
  }

  private static void draw(
      Path directory,
      String file,
      Map.Entry<String, List<Series>> work,
      String unit,
      ToDoubleFunction<Series> figure)
      throws IOException {
    List<Series> told =
        work.getValue().stream().filter(series -> figure.applyAsDouble(series) > 0).toList();
    if (told.isEmpty()) {
      return;
    }
    String chart = chart(work.getKey() + ": " + unit, told, figure);
    Files.writeString(directory.resolve(file + ".svg"), chart);
  }

  /** A chart of horizontal bars, in SVG. */
  static String chart(String title, List<Series> all, ToDoubleFunction<Series> figure) {
    double most = all.stream().mapToDouble(figure).max().orElse(0);
    StringBuilder svg = new StringBuilder();
    int height = TOP + all.size() * STEP + 12;
    svg.append(
        """
        <svg xmlns="http://www.w3.org/2000/svg" width="%1$d" height="%2$d" viewBox="0 0 %1$d %2$d" \
        font-family="sans-serif" font-size="14">
        <rect width="%1$d" height="%2$d" fill="#ffffff"/>
        <text x="16" y="28" font-size="16" fill="#1a1a1a">%3$s</text>
        """
            .formatted(WIDTH, height, escaped(title)));
    int y = TOP;
    for (Series series : all) {
      double value = figure.applyAsDouble(series);
      double length = most <= 0 ? 0 : value / most * (WIDTH - LABELS - FIGURES);
      svg.append(
          String.format(
              Locale.ROOT,
              """
              <text x="%d" y="%d" text-anchor="end" fill="#1a1a1a">%s</text>
              <rect x="%d" y="%d" width="%.1f" height="%d" fill="%s"/>
              <text x="%.1f" y="%d" fill="#1a1a1a">%s</text>
              """,
              LABELS - 10,
              y + 16,
              escaped(series.contender()),
              LABELS,
              y,
              Math.max(0, length),
              BAR_HEIGHT,
              series.contender().startsWith(OURS) ? "#0b7a75" : "#9aa5b1",
              LABELS + Math.max(0, length) + 8,
              y + 16,
              String.format(Locale.ROOT, value >= 1_000 ? "%,.0f" : "%.1f", value)));
      y += STEP;
    }
    return svg.append("</svg>\n").toString();
  }

  private static String escaped(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
  }
}
