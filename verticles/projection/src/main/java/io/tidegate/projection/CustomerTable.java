package io.tidegate.projection;

import com.fasterxml.jackson.databind.node.ArrayNode;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The customers and their aliases, a row for each id. */
final class CustomerTable {
  private static final String NEIGHBOURS =
      """
      SELECT id FROM customers WHERE id = ANY($1)
      UNION SELECT merged_into FROM customers WHERE id = ANY($1) AND merged_into IS NOT NULL
      UNION SELECT id FROM customers WHERE merged_into = ANY($2)
      """;
  private static final String ADD =
      """
      INSERT INTO customers (id) SELECT id FROM unnest($1::text[]) AS n (id)
      ORDER BY id COLLATE "C" ON CONFLICT DO NOTHING
      """;
  private static final String LOCK =
      "SELECT to_json(c)::text FROM customers c WHERE id = ANY($1) ORDER BY id FOR UPDATE";
  private static final String LOCK_NEXT =
      """
      SELECT to_json(c)::text FROM customers c WHERE id > $1 AND present AND merged_into IS NULL
      ORDER BY id LIMIT $2 FOR UPDATE
      """;
  private static final String SAVE =
      """
      UPDATE customers c
      SET merged_into = n.merged_into, heir = n.heir, present = n.present, identified = n.identified,
          traits = n.traits, anonymous_ids = n.anonymous_ids, counts = n.counts, purchases = n.purchases,
          interactions = n.interactions, tags = n.tags, first_seen = n.first_seen, last_seen = n.last_seen,
          version = n.version, updated_at = now()
      FROM json_to_recordset($1::text::json) AS n (
          id text, merged_into text, heir text, present boolean, identified boolean, traits jsonb, anonymous_ids text[],
          counts jsonb, purchases bigint, interactions bigint, tags text[], first_seen timestamptz,
          last_seen timestamptz, version bigint)
      WHERE c.id = n.id
      """;
  private static final String VERSIONS =
      """
      SELECT c.id, GREATEST(c.version, m.version) AS version
      FROM customers c LEFT JOIN customers m ON m.id = c.merged_into WHERE c.id = ANY($1)
      """;

  private final ProfileTransaction transaction;

  CustomerTable(ProfileTransaction transaction) {
    this.transaction = transaction;
  }

  /**
   * The rows of these ids, of the customers they point at and of the aliases of those about to be
   * linked; made when absent, and locked.
   */
  Map<String, Customer> lock(Set<String> ids, Set<String> linking)
      throws StoreException, InterruptedException {
    Set<String> wanted = new HashSet<>();
    transaction
        .query(
            NEIGHBOURS,
            Tuple.of(ids.toArray(String[]::new), (Object) linking.toArray(String[]::new)))
        .forEach(row -> wanted.add(row.getString(0)));
    List<String> absent = ids.stream().filter(id -> !wanted.contains(id)).toList();
    if (!absent.isEmpty()) {
      transaction.query(ADD, Tuple.of((Object) absent.toArray(String[]::new)));
      wanted.addAll(absent);
    }
    Map<String, Customer> customers = new LinkedHashMap<>();
    // More than one round only when somebody linked ids between looking and locking.
    for (Set<String> missing = wanted;
        !missing.isEmpty();
        missing = Ledger.missing(customers, linking)) {
      for (Row row : transaction.query(LOCK, Tuple.of((Object) missing.toArray(String[]::new)))) {
        Customer customer = new Customer(Json.parse(row.getString(0)));
        customers.put(customer.id(), customer);
      }
    }
    return customers;
  }

  /** Locks the next customers, by id, after one. */
  List<Customer> lockAfter(String id, int limit) throws StoreException, InterruptedException {
    List<Customer> customers = new ArrayList<>();
    for (Row row : transaction.query(LOCK_NEXT, Tuple.of(id, limit))) {
      customers.add(new Customer(Json.parse(row.getString(0))));
    }
    return customers;
  }

  void save(List<Customer> customers) throws StoreException, InterruptedException {
    if (customers.isEmpty()) {
      return;
    }
    ArrayNode rows = Json.MAPPER.createArrayNode();
    customers.forEach(customer -> rows.add(customer.row()));
    transaction.query(SAVE, Tuple.of(Json.text(rows)));
  }

  /** The versions that ids show now. */
  Map<String, Long> versions(Collection<String> ids) throws StoreException, InterruptedException {
    Map<String, Long> versions = new LinkedHashMap<>();
    transaction
        .query(VERSIONS, Tuple.of((Object) ids.toArray(String[]::new)))
        .forEach(row -> versions.put(row.getString(0), row.getLong(1)));
    return versions;
  }
}
