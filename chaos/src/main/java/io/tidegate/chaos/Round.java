package io.tidegate.chaos;

import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The traffic around one fault, and all that is written down about it.
 *
 * <p>Begun and ended by the run, filled by the traffic's event loop.
 */
final class Round {
  private final String prefix;
  private final Set<Integer> mayMarkStale;
  private final long begin = System.nanoTime();
  private final EventBook events = new EventBook();
  private final AdmissionBook admissions = new AdmissionBook();
  private final Answers answers = new Answers(begin);
  private final AtomicInteger staleReads = new AtomicInteger();
  private int messages;

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

  /** A read that was older than the promise. */
  void stale(int node, boolean saysSo) {
    if (!saysSo || !mayMarkStale.contains(node)) {
      staleReads.incrementAndGet();
    }
  }

  int staleReads() {
    return staleReads.get();
  }

  double seconds() {
    return (System.nanoTime() - begin) / 1e9;
  }
}
