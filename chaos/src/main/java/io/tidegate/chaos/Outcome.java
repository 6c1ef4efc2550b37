package io.tidegate.chaos;

import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What the books say after one fault; a line of the table.
 *
 * @param seconds from the first request to the last answer
 * @param overAdmitted by how many units the worst window was over its bound
 * @param staleReads profile reads older than the promise
 * @param errors failures that clients saw
 * @param gapMillis the longest time without any success
 * @param p99Millis of the nodes that the fault did not befall
 * @param skipped why there was no such fault; empty when there was
 * @param wrong what must not be; empty when all is right
 * @param notes what failed at which node
 */
record Outcome(
    String fault,
    double seconds,
    int acknowledged,
    long lost,
    long duplicated,
    int overAdmitted,
    int staleReads,
    int errors,
    double gapMillis,
    @Nullable Double p99Millis,
    String skipped,
    List<String> wrong,
    List<String> notes) {
  private static final String HEAD =
      "%-14s %8s %8s %6s %6s %6s %6s %7s %8s %9s%n"
          .formatted(
              "fault",
              "seconds",
              "acked",
              "lost",
              "dupl.",
              "over",
              "stale",
              "errors",
              "gap ms",
              "p99 ms *");

  static Outcome skipped(String fault, String why) {
    return new Outcome(
        fault, 0, 0, 0, 0, 0, 0, 0, 0, null, why.isEmpty() ? "skipped" : why, List.of(), List.of());
  }

  boolean isRight() {
    return wrong.isEmpty();
  }

  /** The line, as it stands in the table. */
  String line() {
    if (!skipped.isEmpty()) {
      return "%-14s skipped: %s".formatted(fault, skipped);
    }
    return String.format(
        Locale.ROOT,
        "%-14s %8.1f %8d %6d %6d %6d %6d %7d %8.0f %9s%s",
        fault,
        seconds,
        acknowledged,
        lost,
        duplicated,
        overAdmitted,
        staleReads,
        errors,
        gapMillis,
        p99Millis == null ? "-" : String.format(Locale.ROOT, "%.0f", p99Millis),
        isRight() ? "" : "  WRONG");
  }

  /** Prints all of them as a table, and what is behind its numbers. */
  static void print(List<Outcome> outcomes, PrintWriter out) {
    out.print(HEAD);
    outcomes.forEach(outcome -> out.println(outcome.line()));
    out.println("* of the nodes that the fault did not befall");
    outcomes.forEach(
        outcome -> {
          outcome.wrong.forEach(what -> out.println(outcome.fault + ": WRONG: " + what));
          outcome.notes.forEach(what -> out.println(outcome.fault + ": seen: " + what));
        });
    out.flush();
  }
}
