package io.tidegate.bench;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/** Everything that was measured, in the order in which it was. */
final class Report {
  private final List<Series> series = new ArrayList<>();
  private final List<Verdict> verdicts = new ArrayList<>();
  private final List<HotPart> parts = new ArrayList<>();
  private final List<String> notes = new ArrayList<>();
  private final List<String> lacking = new ArrayList<>();

  void add(Collection<Series> measured) {
    series.addAll(measured);
  }

  void add(HotPart part) {
    parts.add(part);
  }

  void judge(Bar bar, double value, String figure) {
    verdicts.add(Verdict.of(bar, value, figure));
  }

  void missing(Bar bar, String why) {
    verdicts.add(Verdict.notMeasured(bar, why));
  }

  /** Something that a reader should know, said below the tables. */
  void note(String note) {
    notes.add(note);
  }

  /** Something without a bar that was asked for and could not be measured. */
  void lack(String why) {
    note(why);
    lacking.add(why);
  }

  /** Whether all that was asked for was measured. */
  boolean isWhole() {
    return lacking.isEmpty() && verdicts.stream().allMatch(Verdict::isMeasured);
  }

  /** How the bars went, in a line. */
  String outcome() {
    List<String> unmeasured = new ArrayList<>();
    verdicts().stream()
        .filter(verdict -> !verdict.isMeasured())
        .map(verdict -> verdict.bar().work() + " (" + verdict.bar().what() + ")")
        .forEach(unmeasured::add);
    long passed = verdicts.stream().filter(Verdict::isPassed).count();
    long missed = verdicts.size() - unmeasured.size() - passed;
    String counts =
        "%d of %d bars PASS, %d MISS, %d not measured"
            .formatted(passed, verdicts.size(), missed, verdicts.size() - passed - missed);
    unmeasured.addAll(lacking);
    return unmeasured.isEmpty() ? counts : counts + ": " + String.join(", ", unmeasured);
  }

  /** Whether a bar has a figure. */
  boolean measured(Bar bar) {
    return verdicts.stream().anyMatch(verdict -> verdict.bar() == bar && verdict.isMeasured());
  }

  /** Whether there is a verdict on a bar. */
  boolean knows(Bar bar) {
    return verdicts.stream().anyMatch(verdict -> verdict.bar() == bar);
  }

  List<HotPart> parts() {
    return List.copyOf(parts);
  }

  List<Series> series() {
    return List.copyOf(series);
  }

  /** In the order of the bars. */
  List<Verdict> verdicts() {
    return verdicts.stream().sorted((a, b) -> a.bar().compareTo(b.bar())).toList();
  }

  List<String> notes() {
    return List.copyOf(notes);
  }
}
