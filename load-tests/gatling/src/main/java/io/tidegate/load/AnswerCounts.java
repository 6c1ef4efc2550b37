package io.tidegate.load;

import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLongArray;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;

/** The answers to one request: how often each status came, and after how long. */
final class AnswerCounts {
  /** Statuses are below. */
  static final int STATUSES = 600;

  private static final int MOST_MILLIS = 120_000;
  private static final int DIGITS = 3;

  private final AtomicLongArray statuses = new AtomicLongArray(STATUSES);
  private final ConcurrentHistogram times = new ConcurrentHistogram(MOST_MILLIS, DIGITS);

  static Histogram emptyTimes() {
    return new Histogram(MOST_MILLIS, DIGITS);
  }

  void answered(int status) {
    statuses.incrementAndGet(Math.clamp(status, 0, STATUSES - 1));
  }

  void took(int millis) {
    times.recordValue(Math.clamp(millis, 0, MOST_MILLIS));
  }

  void addTimesTo(Histogram sum) {
    sum.add(times);
  }

  /** Answers of these statuses, both included. */
  long count(int from, int to) {
    long sum = 0;
    for (int status = from; status <= to; status++) {
      sum += statuses.get(status);
    }
    return sum;
  }

  /** How often each status came; those that did. */
  SortedMap<Integer, Long> statuses() {
    SortedMap<Integer, Long> seen = new TreeMap<>();
    for (int status = 0; status < STATUSES; status++) {
      if (statuses.get(status) > 0) {
        seen.put(status, statuses.get(status));
      }
    }
    return seen;
  }
}
