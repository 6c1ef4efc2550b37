package io.tidegate.load;

import java.sql.SQLException;
import java.util.BitSet;
import java.util.function.Consumer;

/**
 * Events of a run by their numbers: those that a client was told are taken, against those that are
 * stored. Safe from any thread.
 */
final class SentEvents {
  private final BitSet acknowledged = new BitSet();

  /**
   * What became of them.
   *
   * @param lost acknowledged, and not stored
   * @param stored of this run, acknowledged or not
   * @param twice stored more than once
   */
  record Balance(long acknowledged, long lost, long stored, long twice) {
    Verdict nothingLost() {
      return acknowledged == 0
          ? Verdict.unknown("no event lost: none was acknowledged")
          : Verdict.of(
              lost == 0,
              "no event lost: of %,d acknowledged %,d are not in the database",
              acknowledged,
              lost);
    }

    Verdict noneTwice() {
      return Verdict.of(
          twice == 0,
          "no event counts twice: %,d in the database, of them %,d more than once (tries of a"
              + " request bring the same events)",
          stored,
          twice);
    }
  }

  /** A client got the answer that they are taken. */
  synchronized void acknowledge(Letter letter) {
    int first = Math.toIntExact(letter.first());
    acknowledged.set(first, first + letter.events());
  }

  /**
   * The books.
   *
   * @param ids tells the message ids that are stored, those of others too
   * @param bodies which knows the own ones
   */
  synchronized Balance balance(EventBodies bodies, Ids ids) throws SQLException {
    BitSet stored = new BitSet();
    BitSet twice = new BitSet();
    ids.each(
        id -> {
          int number = bodies.number(id);
          if (number >= 0) {
            (stored.get(number) ? twice : stored).set(number);
          }
        });
    BitSet lost = (BitSet) acknowledged.clone();
    lost.andNot(stored);
    return new Balance(
        acknowledged.cardinality(), lost.cardinality(), stored.cardinality(), twice.cardinality());
  }

  /** Message ids, one by one. */
  @FunctionalInterface
  interface Ids {
    void each(Consumer<String> id) throws SQLException;
  }
}
