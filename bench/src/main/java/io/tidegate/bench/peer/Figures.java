package io.tidegate.bench.peer;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.util.Locale;
import org.HdrHistogram.Histogram;

/** The line that a program prints for the bench, which reads it as a {@code LoadResult}. */
final class Figures {
  private Figures() {}

  /**
   * @param latencies in nanoseconds; how many there are is how many requests
   * @param cpuNanos of this process; 0 when it is not what is measured, negative when whoever
   *     started it is to count
   */
  static String line(Histogram latencies, long nanos, long errors, long cpuNanos) {
    return String.format(
        Locale.ROOT,
        "figures requests=%d duration_us=%d p50_us=%d p99_us=%d p999_us=%d errors=%d cpu_us=%d",
        latencies.getTotalCount(),
        nanos / 1_000,
        latencies.getValueAtPercentile(50) / 1_000,
        latencies.getValueAtPercentile(99) / 1_000,
        latencies.getValueAtPercentile(99.9) / 1_000,
        errors,
        cpuNanos < 0 ? -1 : cpuNanos / 1_000);
  }

  /** Processor time of this process so far. */
  static long cpuNanos() {
    return ManagementFactory.getOperatingSystemMXBean() instanceof OperatingSystemMXBean system
        ? system.getProcessCpuTime()
        : 0;
  }
}
