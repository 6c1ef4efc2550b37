package io.tidegate.bench;

import java.util.Arrays;
import java.util.List;
import java.util.function.ToDoubleFunction;

/** All samples of one contender in one work. */
record Series(String work, String contender, List<Sample> samples) {
  Series {
    samples = List.copyOf(samples);
  }

  double rate() {
    return median(sample -> sample.load().rate());
  }

  double cpuMicros() {
    return median(Sample::cpuMicros);
  }

  double residentMiB() {
    return median(sample -> sample.residentBytes() / 1048576.0);
  }

  double median(ToDoubleFunction<Sample> figure) {
    return median(samples.stream().mapToDouble(figure).toArray());
  }

  /** Half the range over the median, in percent. */
  double spread(ToDoubleFunction<Sample> figure) {
    double[] sorted = samples.stream().mapToDouble(figure).sorted().toArray();
    double median = median(sorted);
    return sorted.length == 0 || median == 0
        ? 0
        : (sorted[sorted.length - 1] - sorted[0]) / 2 / median * 100;
  }

  /** The middle one, or the mean of the middle two; 0 of none. */
  static double median(double... figures) {
    double[] sorted = figures.clone();
    Arrays.sort(sorted);
    int half = sorted.length / 2;
    if (sorted.length == 0) {
      return 0;
    }
    return sorted.length % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
  }
}
