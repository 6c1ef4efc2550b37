package io.tidegate.bench;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.HdrHistogram.Histogram;

/**
 * What a load generator counted.
 *
 * @param requests answered, well or not
 * @param seconds it took
 * @param p50Micros latency of half of the requests; negative when the tool doesn't tell
 * @param p99Micros of all but one in a hundred; negative when the tool doesn't tell
 * @param p999Micros of all but one in a thousand; negative when the tool doesn't tell
 * @param errors answers of 400 and above, and requests without an answer
 * @param cpuMicros processor time of a contender that is its own load generator; negative for
 *     others
 */
record LoadResult(
    long requests,
    double seconds,
    double p50Micros,
    double p99Micros,
    double p999Micros,
    long errors,
    double cpuMicros) {
  static final double UNTOLD = -1;

  private static final Pattern FIGURES =
      Pattern.compile(
          "figures requests=(\\d+) duration_us=(\\d+) p50_us=(-?\\d+) p99_us=(-?\\d+)"
              + " p999_us=(-?\\d+) errors=(\\d+) cpu_us=(-?\\d+)");

  /**
   * From the line {@code figures ...} that scripts and programs of ours print.
   *
   * @throws BenchFailure when there is none
   */
  static LoadResult parse(String tool, String output) {
    Matcher figures = FIGURES.matcher(output);
    if (!figures.find()) {
      throw new BenchFailure(tool + " told no figures: " + BenchFailure.lastWords(output));
    }
    return new LoadResult(
        Long.parseLong(figures.group(1)),
        Long.parseLong(figures.group(2)) / 1e6,
        Long.parseLong(figures.group(3)),
        Long.parseLong(figures.group(4)),
        Long.parseLong(figures.group(5)),
        Long.parseLong(figures.group(6)),
        Long.parseLong(figures.group(7)));
  }

  /** Requests a second. */
  double rate() {
    return seconds == 0 ? 0 : requests / seconds;
  }

  /** The same with percentiles of these latencies; of none, as it is. */
  LoadResult with(Histogram micros) {
    return micros.getTotalCount() == 0
        ? this
        : new LoadResult(
            requests,
            seconds,
            micros.getValueAtPercentile(50),
            micros.getValueAtPercentile(99),
            micros.getValueAtPercentile(99.9),
            errors,
            cpuMicros);
  }

  /** The same with each request counted so many times. */
  LoadResult times(int each) {
    return new LoadResult(
        requests * each, seconds, p50Micros, p99Micros, p999Micros, errors * each, cpuMicros);
  }
}
