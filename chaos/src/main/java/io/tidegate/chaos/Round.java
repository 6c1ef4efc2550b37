package io.tidegate.chaos;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * The traffic around one fault, and all that is written down about it.
 *
 * <p>Begun and ended by the run, filled by the traffic's event loop.
 */
final class Round {
  private static final int SHOWN = 5;

  private final String prefix;
  private final Set<Integer> mayMarkStale;
  private final long begin = System.nanoTime();
  private final EventBook events = new EventBook();
  private final AdmissionBook admissions = new AdmissionBook();
  private final Answers answers = new Answers(begin);
  private final List<StaleRead> stale = new ArrayList<>();
  private int staleReads;
  private long oldestRead;
  private int messages;

  private record StaleRead(int node, long begun, long age, boolean saysSo) {}

  /**
   * A round that begins now.
   *
   * @param prefix of all its message ids, and of no other round's
   * @param mayMarkStale nodes that may answer an old profile, if they say that it is
   */
  Round(String prefix, Set<Integer> mayMarkStale) {
    this.prefix = prefix;
    this.mayMarkStale = mayMarkStale;
  }

  /** Called by the event loop only. */
  String nextMessageId() {
    return prefix + messages++;
  }

  String prefix() {
    return prefix;
  }

  EventBook events() {
    return events;
  }

  AdmissionBook admissions() {
    return admissions;
  }

  Answers answers() {
    return answers;
  }

  /**
   * A profile was read.
   *
   * @param age as {@link ProfileBook#age} tells it
   */
  synchronized void read(int node, long begun, long age, boolean saysStale) {
    if (saysStale && mayMarkStale.contains(node)) {
      return;
    }
    oldestRead = Math.max(oldestRead, age);
    if (age >= Bars.PROFILE_AGE.toNanos()) {
      staleReads++;
      if (stale.size() < SHOWN) {
        stale.add(new StaleRead(node, begun, age, saysStale));
      }
    }
  }

  /** The first few of those that were older than the promise, in words. */
  synchronized List<String> staleLines() {
    return stale.stream()
        .map(
            read ->
                "node %d: profile: %d ms old%s, sent %+d ms from the fault"
                    .formatted(
                        read.node,
                        TimeUnit.NANOSECONDS.toMillis(read.age),
                        read.saysSo ? " and marked so" : "",
                        TimeUnit.NANOSECONDS.toMillis(answers.sinceFault(read.begun))))
        .toList();
  }

  /** Reads older than the promise. */
  synchronized int staleReads() {
    return staleReads;
  }

  /** The age of the oldest read. */
  synchronized double oldestReadMillis() {
    return oldestRead / 1e6;
  }

  double seconds() {
    return (System.nanoTime() - begin) / 1e9;
  }
}
