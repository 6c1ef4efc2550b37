package io.tidegate.projection;

import io.vertx.core.Future;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Transaction;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * One transaction on the profiles' database, by whose tables all of the projection reads and
 * writes. Blocks; not for event loops. Locks are taken in one order everywhere: offsets, message
 * ids, customers, each sorted.
 */
final class ProfileTransaction implements AutoCloseable {
  /**
   * Longest pause between two statements, after which Postgres rolls back: a frozen or cut-off node
   * must not keep its locks for long after its partitions moved. Longer than dead letters may take.
   */
  private static final Duration PAUSE = Duration.ofSeconds(6);

  private final SqlConnection connection;
  private final Transaction transaction;
  private final Duration limit;
  private final OffsetTable offsets = new OffsetTable(this);
  private final MessageIdTable messageIds = new MessageIdTable(this);
  private final CustomerTable customers = new CustomerTable(this);
  private final EventTable events = new EventTable(this);
  private final SettingTable settings = new SettingTable(this);
  private boolean ended;

  private ProfileTransaction(SqlConnection connection, Transaction transaction, Duration limit) {
    this.connection = connection;
    this.transaction = transaction;
    this.limit = limit;
  }

  /**
   * A new transaction.
   *
   * @param limit for each statement
   */
  static ProfileTransaction begin(Pool pool, Duration limit)
      throws StoreException, InterruptedException {
    Future<SqlConnection> asked = pool.getConnection();
    SqlConnection connection;
    try {
      connection = await(asked, limit);
    } catch (StoreException | InterruptedException | RuntimeException e) {
      asked.onSuccess(SqlConnection::close); // it may come after all
      throw e;
    }
    Future<Transaction> beginning = connection.begin();
    Transaction transaction;
    try {
      transaction = await(beginning, limit);
    } catch (StoreException | InterruptedException | RuntimeException e) {
      // Not before it answers: the next to get it from the pool would wait for it too.
      beginning.onComplete(begun -> connection.close());
      throw e;
    }
    ProfileTransaction begun = new ProfileTransaction(connection, transaction, limit);
    try {
      begun.query(
          "SELECT set_config('statement_timeout', $1, true),"
              + " set_config('idle_in_transaction_session_timeout', $2, true)",
          Tuple.of(ms(limit), ms(PAUSE)));
      return begun;
    } catch (StoreException | InterruptedException | RuntimeException e) {
      begun.close();
      throw e;
    }
  }

  OffsetTable offsets() {
    return offsets;
  }

  MessageIdTable messageIds() {
    return messageIds;
  }

  CustomerTable customers() {
    return customers;
  }

  EventTable events() {
    return events;
  }

  SettingTable settings() {
    return settings;
  }

  /** Runs a prepared statement, for the tables. */
  RowSet<Row> query(String sql, Tuple parameters) throws StoreException, InterruptedException {
    return await(connection.preparedQuery(sql).execute(parameters), limit);
  }

  /** Runs a statement that has no parameters: DDL. */
  void run(String sql) throws StoreException, InterruptedException {
    await(connection.query(sql).execute(), limit);
  }

  private static String ms(Duration duration) {
    return Long.toString(duration.toMillis());
  }

  void commit() throws StoreException, InterruptedException {
    await(transaction.commit(), limit);
    ended = true;
  }

  /** Gives the connection back; rolls back what was not committed. */
  @Override
  public void close() {
    if (ended) {
      connection.close();
    } else {
      transaction.rollback().onComplete(rolledBack -> connection.close());
    }
  }

  private static <T> T await(Future<T> answer, Duration limit)
      throws StoreException, InterruptedException {
    try {
      // A second longer than the server's own limit, whose answer says more.
      return answer
          .toCompletionStage()
          .toCompletableFuture()
          .get(limit.toMillis() + 1_000, TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      throw new StoreException(
          cause, String.valueOf(cause.getMessage() == null ? cause : cause.getMessage()));
    } catch (TimeoutException e) {
      throw new StoreException(e, "no answer within " + limit);
    }
  }
}
