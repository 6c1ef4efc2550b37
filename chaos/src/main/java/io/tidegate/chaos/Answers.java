package io.tidegate.chaos;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.LongSummaryStatistics;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/**
 * What clients saw: how long each node took while the fault was on and after it, what failed at
 * which node and why, and the longest time without a success anywhere. Times are nanoseconds of one
 * clock.
 */
final class Answers {
  /** The node of a request for which there was none to send it to. */
  static final int NO_NODE = 0;

  private static final long LONGEST_MICROS = TimeUnit.MINUTES.toMicros(1);
  private static final int MOST_FAILURES = 50_000;

  private final Map<Integer, Histogram> during = new HashMap<>();
  private final Map<Integer, Histogram> after = new HashMap<>();
  private final List<Failed> failures = new ArrayList<>();
  private long befell;
  private long over = Long.MAX_VALUE;
  private long lastSuccess;
  private long longestGap;
  private int unlisted;
  private long succeeded;

  /**
   * A request that failed.
   *
   * @param node where, or {@link #NO_NODE}
   * @param sent when
   */
  record Failed(int node, Operation operation, String reason, long sent) {}

  Answers(long begin) {
    this.befell = begin;
    this.lastSuccess = begin;
  }

  /** The fault begins: what is answered from now on is answered during it. */
  synchronized void befell(long at) {
    befell = at;
    during.clear();
  }

  /** How long after the beginning of the fault a time is. */
  synchronized long sinceFault(long at) {
    return at - befell;
  }

  /** The fault is undone: what is due from now on comes after it. */
  synchronized void over(long at) {
    over = at;
  }

  /** An answer that a client expects, by this node to a request that was due then. */
  synchronized void succeeded(int node, long due, long at) {
    (due < over ? during : after)
        .computeIfAbsent(node, number -> new Histogram(LONGEST_MICROS, 3))
        .recordValue(Math.clamp(TimeUnit.NANOSECONDS.toMicros(at - due), 0, LONGEST_MICROS));
    succeeded++;
    gapUntil(at);
  }

  synchronized void failed(Failed failed) {
    if (failures.size() < MOST_FAILURES) {
      failures.add(failed);
    } else {
      unlisted++;
    }
  }

  /** No more requests are due: what is left until now is a gap like any other. */
  synchronized void end(long at) {
    gapUntil(at);
  }

  private void gapUntil(long at) {
    longestGap = Math.max(longestGap, at - lastSuccess);
    lastSuccess = Math.max(lastSuccess, at);
  }

  synchronized long longestGapNanos() {
    return longestGap;
  }

  synchronized long succeeded() {
    return succeeded;
  }

  synchronized int errors() {
    return failures.size() + unlisted;
  }

  /** Failures that this does not explain. */
  synchronized int errorsBut(Excuse excuse) {
    return unlisted
        + (int) failures.stream().filter(f -> !excuse.covers(f, f.sent - befell)).count();
  }

  /**
   * The 99th percentile at all nodes but these, in milliseconds, of what was answered during the
   * fault; of all until it was undone when no beginning was marked. Nothing without any.
   */
  synchronized @Nullable Double p99MillisDuring(Set<Integer> except) {
    return p99Millis(during, except);
  }

  /** The same of what was due after the fault. */
  synchronized @Nullable Double p99MillisAfter(Set<Integer> except) {
    return p99Millis(after, except);
  }

  private static @Nullable Double p99Millis(Map<Integer, Histogram> micros, Set<Integer> except) {
    Histogram all = new Histogram(LONGEST_MICROS, 3);
    micros.forEach(
        (node, histogram) -> {
          if (!except.contains(node)) {
            all.add(histogram);
          }
        });
    return all.getTotalCount() == 0 ? null : all.getValueAtPercentile(99) / 1e3;
  }

  /** Each node's failures in words, and when the first and the last of a kind were sent. */
  synchronized List<String> errorLines() {
    Map<String, LongSummaryStatistics> sentMillis = new TreeMap<>();
    for (Failed failed : failures) {
      String where = failed.node == NO_NODE ? "" : "node " + failed.node + ": ";
      sentMillis
          .computeIfAbsent(
              where + failed.operation.label() + ": " + failed.reason,
              what -> new LongSummaryStatistics())
          .accept(TimeUnit.NANOSECONDS.toMillis(failed.sent - befell));
    }
    List<String> lines = new ArrayList<>();
    sentMillis.forEach(
        (what, sent) ->
            lines.add(
                "%s x %d, sent %+d to %+d ms from the fault"
                    .formatted(what, sent.getCount(), sent.getMin(), sent.getMax())));
    return lines;
  }
}
