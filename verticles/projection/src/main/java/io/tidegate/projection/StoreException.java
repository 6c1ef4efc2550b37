package io.tidegate.projection;

import io.vertx.sqlclient.DatabaseException;
import org.jspecify.annotations.Nullable;

/** Postgres did not do what it was asked. Unless {@link #refusesData}, the same may work later. */
final class StoreException extends Exception {
  private final String sqlState;

  StoreException(@Nullable Throwable cause, String message) {
    super(message, cause, false, false);
    sqlState =
        cause instanceof DatabaseException refusal && refusal.getSqlState() != null
            ? refusal.getSqlState()
            : "";
  }

  /** The SQLSTATE, or "" when the answer never came. */
  String sqlState() {
    return sqlState;
  }

  /** Something in the data is at fault and always will be: SQLSTATE classes 22, 23 and 54. */
  boolean refusesData() {
    return !lacksPartition()
        && (sqlState.startsWith("22") || sqlState.startsWith("23") || sqlState.startsWith("54"));
  }

  /** Another transaction was in the way: serialization failure or deadlock. */
  boolean isConflict() {
    return sqlState.equals("40001") || sqlState.equals("40P01");
  }

  /** Postgres ended the statement after the time it was given. */
  boolean tookTooLong() {
    return sqlState.equals("57014");
  }

  /** Postgres can't be asked: no answer, no connection (08, 57P), or no room for one (53). */
  boolean isOutage() {
    return sqlState.isEmpty()
        || sqlState.startsWith("08")
        || sqlState.startsWith("57P")
        || sqlState.startsWith("53");
  }

  /** There is no partition for an event's day: check_violation, and nothing here has a check. */
  boolean lacksPartition() {
    return sqlState.equals("23514");
  }
}
