package io.tidegate.chaos;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
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

  /** The outcome of a round whose traffic has ended. */
  Outcome check(Fault fault, Round round, double seconds) throws SQLException {
    EventBook.Balance events = round.events().against(database.rows(round.prefix()));
    Map<String, Long> counts = newlyMiscounted();
    long countedTwice = counts.values().stream().mapToLong(n -> Math.max(n, 0)).sum();
    long notCounted = counts.values().stream().mapToLong(n -> Math.max(-n, 0)).sum();
    int over = round.admissions().worstExcess(limit.perSecond(), limit.burst());
    Answers answers = round.answers();
    int errors = answers.errorsExceptAt(Set.of());

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
      wrong.add("customers' counts are not the events there are, by " + counts);
    }
    if (over > 0) {
      wrong.add("a window holds " + over + " admissions more than its bound");
    }
    if (round.staleReads() > 0) {
      wrong.add(
          round.staleReads()
              + " profile reads were older than "
              + NodeSettings.PROMISE.toSeconds()
              + " s");
    }
    if (!fault.explains(answers)) {
      wrong.add("clients saw failures that the fault does not explain");
    }
    if (answers.succeeded() == 0) {
      wrong.add("nothing succeeded");
    }
    return new Outcome(
        fault.name(),
        seconds,
        events.acknowledged(),
        events.lost() + notCounted,
        events.duplicated() + countedTwice,
        over,
        round.staleReads(),
        errors,
        answers.longestGapNanos() / 1e6,
        answers.p99MillisExceptAt(fault.victims()),
        "",
        wrong,
        answers.errorLines());
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
