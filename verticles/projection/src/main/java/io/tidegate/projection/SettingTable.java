package io.tidegate.projection;

import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.Tuple;
import org.jspecify.annotations.Nullable;

/** What the projection has to remember beside profiles: values by name. */
final class SettingTable {
  private static final String GET = "SELECT value FROM settings WHERE name = $1";
  private static final String SET =
      """
      INSERT INTO settings (name, value) VALUES ($1, $2)
      ON CONFLICT (name) DO UPDATE SET value = excluded.value
      """;

  private final ProfileTransaction transaction;

  SettingTable(ProfileTransaction transaction) {
    this.transaction = transaction;
  }

  @Nullable String get(String name) throws StoreException, InterruptedException {
    for (Row row : transaction.query(GET, Tuple.of(name))) {
      return row.getString(0);
    }
    return null;
  }

  void set(String name, String value) throws StoreException, InterruptedException {
    transaction.query(SET, Tuple.of(name, value));
  }
}
