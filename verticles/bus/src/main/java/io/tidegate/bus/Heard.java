package io.tidegate.bus;

import java.util.TreeSet;

/**
 * Which of a peer's numbered events have arrived. A beat says how many the peer has told; what is
 * missing of those when the next beat comes is lost, since both travel by one connection. Safe from
 * any thread.
 */
final class Heard {
  private final TreeSet<Long> ahead = new TreeSet<>(); // cleared up with each beat
  private long all; // every event up to this one is here or known to be lost
  private long toldBefore;

  synchronized void arrived(long number) {
    if (number > all) {
      ahead.add(number);
      advance();
    }
  }

  /**
   * A beat has come.
   *
   * @return whether something was lost
   */
  synchronized boolean lost(long told) {
    boolean lost = all < toldBefore;
    if (lost) {
      all = toldBefore;
      ahead.headSet(all, true).clear();
      advance();
    }
    toldBefore = told;
    return lost;
  }

  private void advance() {
    while (!ahead.isEmpty() && ahead.first() == all + 1) {
      all = ahead.removeFirst();
    }
  }
}
