package io.tidegate.chaos;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.ToLongFunction;

/**
 * The requests of one limited subject, each with when it was sent and answered, and whether it was
 * admitted.
 *
 * <p>The moment of admission lies somewhere between the two, so a window surely holds only the
 * requests sent and answered within it. What is counted as over the bound was over it, wherever in
 * between the admissions were.
 */
final class AdmissionBook {
  private static final double SECOND = TimeUnit.SECONDS.toNanos(1);

  private final List<Decision> decisions = new ArrayList<>();

  private record Decision(long sent, long answered, boolean admitted) {}

  /**
   * A stretch of time under traffic over the limit.
   *
   * @param due what a single bucket would have admitted at least, see {@link #between}
   */
  record Stretch(int admitted, double due) {
    double ratio() {
      return due <= 0 ? 1 : admitted / due;
    }
  }

  /** Adds an admitted request; times in nanoseconds of one clock. */
  synchronized void admit(long sent, long answered) {
    decisions.add(new Decision(sent, answered, true));
  }

  /** Adds a refused one. */
  synchronized void refuse(long sent, long answered) {
    decisions.add(new Decision(sent, answered, false));
  }

  /**
   * How many units the worst window is over its bound, which is {@code perSecond * t + burst} in
   * every window of t seconds; 0 when the bound holds.
   */
  synchronized int worstExcess(double perSecond, int burst) {
    List<Decision> byAnswer =
        decisions.stream()
            .filter(Decision::admitted)
            .sorted(Comparator.comparingLong(Decision::answered))
            .toList();
    int worst = 0;
    for (Decision first : byAnswer) {
      int inside = 0;
      for (Decision last : byAnswer) {
        if (last.sent >= first.sent) {
          inside++;
          double seconds = (last.answered - first.sent) / SECOND;
          worst = Math.max(worst, inside - (int) Math.ceil(perSecond * seconds) - burst);
        }
      }
    }
    return worst;
  }

  /**
   * What was admitted between two times, beside what is due: the limit's rate, or what one bucket,
   * empty at first, would have admitted of the same requests, where they came too unevenly for the
   * rate. A machine that stands still for a moment delays the sending or the answering, so the
   * bucket is asked by either time and the lesser number is due.
   */
  synchronized Stretch between(long from, long to, double perSecond, int burst) {
    int admitted =
        (int)
            decisions.stream()
                .filter(one -> one.admitted && one.answered > from && one.answered <= to)
                .count();
    double steady = perSecond * (to - from) / SECOND;
    int bySending = bucket(Decision::sent, from, to, perSecond, burst);
    int byAnswer = bucket(Decision::answered, from, to, perSecond, burst);
    return new Stretch(admitted, Math.min(steady, Math.min(bySending, byAnswer)));
  }

  private int bucket(
      ToLongFunction<Decision> time, long from, long to, double perSecond, int burst) {
    double units = 0;
    long last = from;
    int admitted = 0;
    long[] times =
        decisions.stream().mapToLong(time).filter(at -> at > from && at <= to).sorted().toArray();
    for (long at : times) {
      units = Math.min(burst, units + perSecond * (at - last) / SECOND);
      last = at;
      if (units >= 1) {
        units--;
        admitted++;
      }
    }
    return admitted;
  }
}
