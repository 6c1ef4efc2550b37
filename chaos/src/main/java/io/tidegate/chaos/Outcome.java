package io.tidegate.chaos;

import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What the books say after one fault; a line of the table.
 *
 * @param seconds from the first request to the last answer
 * @param overAdmitted by how many units the worst window was over its bound
 * @param staleReads profile reads older than the promise
 * @param oldestMillis the age of the oldest read
 * @param errors failures that clients saw
 * @param gapMillis the longest time without any success
 * @param p99Millis of the nodes that the fault did not befall, while it was on
 * @param p99AfterMillis of the same nodes after that, until all was well again
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
    double oldestMillis,
    int errors,
    double gapMillis,
    @Nullable Double p99Millis,
    @Nullable Double p99AfterMillis,
    String skipped,
    List<String> wrong,
    List<String> notes) {
  static final String COUNTS = "customers' counts are not the events there are, by ";
  static final String NOTHING = "nothing succeeded";

  private static final String HEAD =
      "%-14s %7s %7s %5s %5s %5s %5s %6s %6s %6s %7s %7s%n"
          .formatted(
              "fault", "seconds", "acked", "lost", "dupl.", "over", "stale", "old ms", "errors",
              "gap ms", "p99 ms*", "after**");

  static Outcome skipped(String fault, String why) {
    return new Outcome(
        fault,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        null,
        null,
        why.isEmpty() ? "skipped" : why,
        List.of(),
        List.of());
  }

  /** The same with one more note. */
  Outcome noting(String note) {
    return with(wrong, plus(notes, note));
  }

  /** The same with one thing more that is wrong. */
  Outcome wrongBy(String what) {
    return with(plus(wrong, what), notes);
  }

  private static List<String> plus(List<String> list, String one) {
    return Stream.concat(list.stream(), Stream.of(one)).toList();
  }

  private Outcome with(List<String> otherWrong, List<String> otherNotes) {
    return new Outcome(
        fault,
        seconds,
        acknowledged,
        lost,
        duplicated,
        overAdmitted,
        staleReads,
        oldestMillis,
        errors,
        gapMillis,
        p99Millis,
        p99AfterMillis,
        skipped,
        otherWrong,
        otherNotes);
  }

  boolean isRight() {
    return wrong.isEmpty();
  }

  /**
   * Whether nothing was lost, counted twice or admitted too often, whatever clients saw meanwhile.
   */
  boolean hasRightBooks() {
    return lost == 0
        && duplicated == 0
        && overAdmitted <= 0
        && wrong.stream().noneMatch(what -> what.startsWith(COUNTS) || what.equals(NOTHING));
  }

  /** The line, as it stands in the table. */
  String line() {
    if (!skipped.isEmpty()) {
      return "%-14s skipped: %s".formatted(fault, skipped);
    }
    return String.format(
        Locale.ROOT,
        "%-14s %7.1f %7d %5d %5d %5d %5d %6.0f %6d %6.0f %7s %7s%s",
        fault,
        seconds,
        acknowledged,
        lost,
        duplicated,
        overAdmitted,
        staleReads,
        oldestMillis,
        errors,
        gapMillis,
        millis(p99Millis),
        millis(p99AfterMillis),
        isRight() ? "" : "  WRONG");
  }

  private static String millis(@Nullable Double millis) {
    return millis == null ? "-" : String.format(Locale.ROOT, "%.0f", millis);
  }

  /** Prints all of them as a table, and what is behind its numbers. */
  static void print(List<Outcome> outcomes, PrintWriter out) {
    out.print(HEAD);
    outcomes.forEach(outcome -> out.println(outcome.line()));
    out.println("*  of the nodes that the fault did not befall, while it was on");
    out.println("** of the same, from its end until all was well again");
    outcomes.forEach(
        outcome -> {
          outcome.wrong.forEach(what -> out.println(outcome.fault + ": WRONG: " + what));
          outcome.notes.forEach(what -> out.println(outcome.fault + ": seen: " + what));
        });
    out.flush();
  }
}
