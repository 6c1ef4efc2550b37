package io.tidegate.chaos;

import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Looks ten times a second which versions the customers have, and writes them down. */
final class VersionWatch implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(VersionWatch.class);
  private static final long EVERY_MILLIS = 100;

  private final Database database;
  private final List<String> customers;
  private final ProfileBook book;
  private final Thread thread;
  private volatile int known;

  VersionWatch(Database database, List<String> customers, ProfileBook book) {
    this.database = database;
    this.customers = customers;
    this.book = book;
    this.thread = Thread.ofPlatform().daemon().name("chaos-versions").unstarted(this::watch);
  }

  /** Begins to look, now that nodes have made the tables; nothing more when it has begun. */
  void begin() {
    if (thread.getState() == Thread.State.NEW) {
      thread.start();
    }
  }

  private void watch() {
    try {
      while (!Thread.currentThread().isInterrupted()) {
        Map<String, Long> versions = database.versions(customers);
        long at = System.nanoTime();
        versions.forEach((customer, version) -> book.observed(customer, version, at));
        known = versions.size();
        Thread.sleep(EVERY_MILLIS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (SQLException e) {
      // Without what is known from here on, reads are held against what was known before.
      log.atWarn().addKeyValue("reason", e.getMessage()).log("versions are no longer watched");
    }
  }

  /** Whether every customer is there. */
  boolean knowsAll() {
    return known == customers.size();
  }

  /** Whether the watch goes on; what it is for is not checked otherwise. */
  boolean isRunning() {
    return thread.isAlive();
  }

  @Override
  public void close() throws SQLException {
    thread.interrupt();
    database.close();
  }
}
