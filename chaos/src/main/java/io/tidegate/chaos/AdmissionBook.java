package io.tidegate.chaos;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * The requests of one limited subject that were admitted, each with when it was sent and answered.
 *
 * <p>The moment of admission lies somewhere between the two, so a window surely holds only the
 * requests sent and answered within it. What is counted as over the bound was over it, wherever in
 * between the admissions were.
 */
final class AdmissionBook {
  private final List<Admission> admissions = new ArrayList<>();

  private record Admission(long sent, long answered) {}

  /** Adds an admitted request; times in nanoseconds of one clock. */
  synchronized void admit(long sent, long answered) {
    admissions.add(new Admission(sent, answered));
  }

  synchronized int admitted() {
    return admissions.size();
  }

  /**
   * How many units the worst window is over its bound, which is {@code perSecond * t + burst} in
   * every window of t seconds; 0 when the bound holds.
   */
  synchronized int worstExcess(double perSecond, int burst) {
    List<Admission> byAnswer = new ArrayList<>(admissions);
    byAnswer.sort(Comparator.comparingLong(Admission::answered));
    int worst = 0;
    for (Admission first : byAnswer) {
      int inside = 0;
      for (Admission last : byAnswer) {
        if (last.sent >= first.sent) {
          inside++;
          double seconds = (last.answered - first.sent) / (double) TimeUnit.SECONDS.toNanos(1);
          worst = Math.max(worst, inside - (int) Math.ceil(perSecond * seconds) - burst);
        }
      }
    }
    return worst;
  }
}
