package io.tidegate.chaos;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/**
 * What clients saw: how long each node took, what failed at which node and why, and the longest
 * time without a success anywhere.
 */
final class Answers {
  /** The node of a request for which there was none to send it to. */
  static final int NO_NODE = 0;

  private static final long LONGEST_MICROS = TimeUnit.MINUTES.toMicros(1);

  private final Map<Integer, Histogram> micros = new HashMap<>();
  private final Map<Integer, Map<String, Integer>> errors = new TreeMap<>();
  private long lastSuccess;
  private long longestGap;

  /**
   * @param begin in nanoseconds of the clock that all times are of
   */
  Answers(long begin) {
    lastSuccess = begin;
  }

  /** An answer that a client expects, by this node to a request that was due then. */
  synchronized void succeeded(int node, long due, long at) {
    micros
        .computeIfAbsent(node, number -> new Histogram(LONGEST_MICROS, 3))
        .recordValue(Math.clamp(TimeUnit.NANOSECONDS.toMicros(at - due), 0, LONGEST_MICROS));
    gapUntil(at);
  }

  /** A request that failed. */
  synchronized void failed(int node, String reason) {
    errors.computeIfAbsent(node, number -> new TreeMap<>()).merge(reason, 1, Integer::sum);
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
    return micros.values().stream().mapToLong(Histogram::getTotalCount).sum();
  }

  /** Failures at all nodes but these. */
  synchronized int errorsExceptAt(Set<Integer> nodes) {
    return errors.entrySet().stream()
        .filter(entry -> !nodes.contains(entry.getKey()))
        .flatMap(entry -> entry.getValue().values().stream())
        .mapToInt(Integer::intValue)
        .sum();
  }

  /** The 99th percentile at all nodes but these, in milliseconds; nothing without any. */
  synchronized @Nullable Double p99MillisExceptAt(Set<Integer> nodes) {
    Histogram all = new Histogram(LONGEST_MICROS, 3);
    micros.forEach(
        (node, histogram) -> {
          if (!nodes.contains(node)) {
            all.add(histogram);
          }
        });
    return all.getTotalCount() == 0 ? null : all.getValueAtPercentile(99) / 1e3;
  }

  /** Each node's failures in words. */
  synchronized List<String> errorLines() {
    List<String> lines = new ArrayList<>();
    errors.forEach(
        (node, reasons) ->
            reasons.forEach(
                (reason, times) ->
                    lines.add(
                        (node == NO_NODE ? "" : "node " + node + ": ") + reason + " x " + times)));
    return lines;
  }
}
