package io.tidegate.projection;

import io.vertx.sqlclient.Pool;
import java.time.Clock;
import java.time.Duration;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The tables that hold the events of one day each (of arrival, UTC): made before they are needed,
 * dropped when their time is over. Safe from any thread, and when several nodes do it at once.
 */
final class DayPartitions {
  private static final String PREFIX = "events_";
  private static final DateTimeFormatter NAME = DateTimeFormatter.BASIC_ISO_DATE;
  private static final int DAYS_AHEAD = 2;

  private final Pool pool;
  private final Duration limit;
  private final int keepDays;
  private final Clock clock;
  private final Set<LocalDate> known = ConcurrentHashMap.newKeySet();

  DayPartitions(Pool pool, Duration limit, Duration retention, Clock clock) {
    this.pool = pool;
    this.limit = limit;
    this.keepDays = Math.toIntExact(retention.toDays());
    this.clock = clock;
  }

  static LocalDate dayOf(Event event) {
    return LocalDate.ofInstant(event.receivedAt(), ZoneOffset.UTC);
  }

  /**
   * Refuses an event of a day that no table is made for, so that a wrong clock doesn't litter the
   * database.
   *
   * @throws UnprojectableException when it is too old or too far ahead
   */
  void check(Event event) throws UnprojectableException {
    LocalDate day = dayOf(event);
    if (day.isBefore(oldest()) || day.isAfter(today().plusDays(DAYS_AHEAD))) {
      throw new UnprojectableException(
          "ce_receivedat: "
              + event.receivedAt()
              + " (expected: between "
              + oldest()
              + " and "
              + today().plusDays(DAYS_AHEAD)
              + ")");
    }
  }

  /** Makes the tables of these days where they are missing. */
  void require(Collection<LocalDate> days) throws StoreException, InterruptedException {
    List<LocalDate> unknown = days.stream().distinct().filter(day -> !known.contains(day)).toList();
    if (unknown.isEmpty()) {
      return;
    }
    try (ProfileTransaction transaction = ProfileTransaction.begin(pool, limit)) {
      transaction.events().lockDayTables();
      Set<String> tables = transaction.events().dayTables();
      for (LocalDate day : unknown) {
        if (!tables.contains(table(day))) {
          transaction.events().addDayTable(table(day), day);
        }
      }
      transaction.commit();
    }
    known.addAll(unknown);
  }

  /** Makes today's and the next days' tables. */
  void makeAhead() throws StoreException, InterruptedException {
    known.clear(); // somebody may have dropped one by hand
    require(today().datesUntil(today().plusDays(DAYS_AHEAD + 1)).toList());
  }

  /** Forgets which tables are there: one was missed. */
  void lookAgain() {
    known.clear();
  }

  /** Drops the tables of days whose time is over. @return how many */
  int dropOld() throws StoreException, InterruptedException {
    try (ProfileTransaction transaction = ProfileTransaction.begin(pool, limit)) {
      transaction.events().lockDayTables();
      String oldest = table(oldest());
      List<String> old =
          transaction.events().dayTables().stream()
              .filter(table -> table.matches(PREFIX + "\\d{8}") && table.compareTo(oldest) < 0)
              .sorted()
              .toList();
      for (String table : old) {
        transaction.events().dropDayTable(table);
      }
      transaction.commit();
      return old.size();
    }
  }

  private LocalDate today() {
    return LocalDate.ofInstant(clock.instant(), ZoneOffset.UTC);
  }

  private LocalDate oldest() {
    return today().minusDays(keepDays);
  }

  private static String table(LocalDate day) {
    return PREFIX + NAME.format(day);
  }
}
