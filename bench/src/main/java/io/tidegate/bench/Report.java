package io.tidegate.bench;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/** Everything that was measured, in the order in which it was. */
final class Report {
  private final List<Series> series = new ArrayList<>();
  private final List<Verdict> verdicts = new ArrayList<>();
  private final List<String> notes = new ArrayList<>();

  void add(Collection<Series> measured) {
    series.addAll(measured);
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

  /** Whether there is a verdict on a bar. */
  boolean knows(Bar bar) {
    return verdicts.stream().anyMatch(verdict -> verdict.bar() == bar);
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
