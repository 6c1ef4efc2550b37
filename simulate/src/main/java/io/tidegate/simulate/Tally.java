package io.tidegate.simulate;

import java.io.PrintWriter;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;

/**
 * What a run measured, by operation: how many, what went wrong, and how long it took from the
 * moment each request was due. Confined to one thread at a time.
 */
final class Tally {
  private static final long LONGEST_MICROS = TimeUnit.HOURS.toMicros(1);
  private static final String ROW = "%-12s %9s %8s %8s  %9s %9s %9s %9s %9s%n";

  private final Map<String, Operation> operations = new TreeMap<>();

  /** The first words seen with each kind of error, so that a reader knows where to look. */
  private final Map<String, String> firstDetails = new LinkedHashMap<>();

  private static final class Operation {
    final Histogram micros = new Histogram(LONGEST_MICROS, 3);
    final Map<String, Long> errors = new TreeMap<>();
    long limited;
    long failed;
  }

  void record(Call call, Answer answer, Duration latency) {
    var operation = operations.computeIfAbsent(call.operation(), ignored -> new Operation());
    operation.micros.recordValue(
        Math.clamp(TimeUnit.NANOSECONDS.toMicros(latency.toNanos()), 0, LONGEST_MICROS));
    if (answer.limited()) {
      operation.limited++;
    } else if (!call.accepts(answer.status())) {
      operation.failed++;
      operation.errors.merge(answer.outcome(), 1L, Long::sum);
      firstDetails.putIfAbsent(answer.outcome(), answer.toString());
    }
  }

  long count() {
    return operations.values().stream().mapToLong(o -> o.micros.getTotalCount()).sum();
  }

  /** Answers that no client expects; being limited isn't one of them. */
  long failed() {
    return operations.values().stream().mapToLong(o -> o.failed).sum();
  }

  long limited() {
    return operations.values().stream().mapToLong(o -> o.limited).sum();
  }

  void print(PrintWriter out) {
    out.printf(
        ROW,
        "operation",
        "count",
        "errors",
        "429",
        "p50 ms",
        "p90 ms",
        "p99 ms",
        "p99.9 ms",
        "max ms");
    var all = new Histogram(LONGEST_MICROS, 3);
    operations.forEach(
        (name, operation) -> {
          all.add(operation.micros);
          row(out, name, operation.failed, operation.limited, operation.micros);
        });
    row(out, "all", failed(), limited(), all);
    operations.forEach(
        (name, operation) ->
            operation.errors.forEach(
                (outcome, times) -> out.printf("error: %s: %s x %d%n", name, outcome, times)));
    firstDetails.values().forEach(detail -> out.println("first of its kind: " + detail));
  }

  private static void row(
      PrintWriter out, String name, long failed, long limited, Histogram micros) {
    out.printf(
        ROW,
        name,
        String.format(Locale.ROOT, "%,d", micros.getTotalCount()),
        String.format(Locale.ROOT, "%,d", failed),
        String.format(Locale.ROOT, "%,d", limited),
        millis(micros.getValueAtPercentile(50)),
        millis(micros.getValueAtPercentile(90)),
        millis(micros.getValueAtPercentile(99)),
        millis(micros.getValueAtPercentile(99.9)),
        millis(micros.getMaxValue()));
  }

  private static String millis(long micros) {
    return String.format(Locale.ROOT, "%.2f", micros / 1_000.0);
  }
}
