package io.tidegate.chaos;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/** Checks the books of a round: what clients were told against what Postgres holds. */
final class Books {
  private static final long CATCH_UP_SECONDS = 60;
  private static final long LOOK_MILLIS = 300;

  private final Database database;
  private final List<String> customers;
  private final ChaosLimit limit;

  /** By how much each customer's counts were wrong after the last round. */
  private Map<String, Long> miscounted = new HashMap<>();

  Books(Database database, List<String> customers, ChaosLimit limit) {
    this.database = database;
    this.customers = customers;
    this.limit = limit;
  }

  /** Waits until every acknowledged event is there, though not for ever; for how many seconds. */
  double awaitCaughtUp(Round round) throws SQLException, InterruptedException {
    long begin = System.nanoTime();
    long deadline = begin + TimeUnit.SECONDS.toNanos(CATCH_UP_SECONDS);
    while (round.events().against(database.rows(round.prefix())).lost() > 0
        && System.nanoTime() < deadline) {
      Thread.sleep(LOOK_MILLIS);
    }
    return (System.nanoTime() - begin) / 1e9;
  }

  /** What was admitted of the limited requests in a stretch of time. */
  AdmissionBook.Stretch admitted(Round round, long from, long to) {
    return round.admissions().between(from, to, limit.perSecond(), limit.burst());
  }

  /** The outcome of a round whose traffic has ended. */
  Outcome check(Fault fault, Round round, double seconds, Bars bars) throws SQLException {
    EventBook.Balance events = round.events().against(database.rows(round.prefix()));
    Map<String, Long> counts = newlyMiscounted();
    long countedTwice = counts.values().stream().mapToLong(n -> Math.max(n, 0)).sum();
    long notCounted = counts.values().stream().mapToLong(n -> Math.max(-n, 0)).sum();
    int over = round.admissions().worstExcess(limit.perSecond(), limit.burst());
    Answers answers = round.answers();
    Double p99 = answers.p99MillisDuring(fault.victims());
    List<String> notes = new ArrayList<>(answers.errorLines());
    notes.addAll(round.staleLines());

    List<String> wrong = new ArrayList<>();
    if (events.lost() + events.duplicated() > 0) {
      wrong.add(
          events.lost()
              + " acknowledged events are not there, "
              + events.duplicated()
              + " are there more than once, among them "
              + events.examples());
    }
    if (countedTwice + notCounted > 0) {
      wrong.add(Outcome.COUNTS + counts);
    }
    if (over > 0) {
      wrong.add("a window holds " + over + " admissions more than its bound");
    }
    if (round.staleReads() > 0) {
      String reads =
          "%d profile reads were older than %d s, the oldest %.0f ms (%.0f in the quiet stretch)"
              .formatted(
                  round.staleReads(),
                  Bars.PROFILE_AGE.toSeconds(),
                  round.oldestReadMillis(),
                  bars.quietOldestMillis());
      (bars.isTooOld(round.oldestReadMillis()) ? wrong : notes).add(reads);
    }
    int unexplained = answers.errorsBut(fault.excuse());
    if (unexplained > 0) {
      wrong.add(unexplained + " failures that clients saw are not explained by the fault");
    }
    if (fault.judgesOthers() && p99 != null && p99 > Bars.P99_MILLIS) {
      String slow =
          "the others' p99 was %.0f ms (bar: %.0f; in the quiet stretch: %.0f)"
              .formatted(p99, Bars.P99_MILLIS, bars.quietP99Millis());
      (bars.isTooSlow(p99) ? wrong : notes).add(slow);
    }
    if (answers.succeeded() == 0) {
      wrong.add(Outcome.NOTHING);
    }
    return new Outcome(
        fault.name(),
        seconds,
        events.acknowledged(),
        events.lost() + notCounted,
        events.duplicated() + countedTwice,
        over,
        round.staleReads(),
        round.oldestReadMillis(),
        answers.errors(),
        answers.longestGapNanos() / 1e6,
        p99,
        answers.p99MillisAfter(fault.victims()),
        "",
        wrong,
        notes);
  }

  /** What was wrong before is told once. */
  private Map<String, Long> newlyMiscounted() throws SQLException {
    Map<String, Long> now = database.miscounted(customers);
    Map<String, Long> changed = new TreeMap<>();
    now.forEach(
        (customer, difference) -> {
          long more = difference - miscounted.getOrDefault(customer, 0L);
          if (more != 0) {
            changed.put(customer, more);
          }
        });
    miscounted = now;
    return changed;
  }
}
