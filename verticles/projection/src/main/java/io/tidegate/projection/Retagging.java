package io.tidegate.projection;

import io.vertx.sqlclient.Pool;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tags every customer again once the rules have changed, a few hundred at a time. */
final class Retagging {
  private static final Logger log = LoggerFactory.getLogger(Retagging.class);
  private static final String SETTING = "tag-rules";
  private static final int MOST_AT_ONCE = 500;

  private final Pool pool;
  private final Duration limit;
  private final TagRules rules;
  private final Announcer announcer;

  Retagging(Pool pool, Duration limit, TagRules rules, Announcer announcer) {
    this.pool = pool;
    this.limit = limit;
    this.rules = rules;
    this.announcer = announcer;
  }

  /**
   * Returns when every customer's tags are those of the rules; at once when they were computed by
   * them.
   */
  void run() throws StoreException, InterruptedException {
    String fingerprint = rules.fingerprint();
    try (ProfileTransaction transaction = ProfileTransaction.begin(pool, limit)) {
      if (fingerprint.equals(transaction.settings().get(SETTING))) {
        return;
      }
    }
    int changed = 0;
    for (String last = ""; last != null; ) {
      Map<String, Long> changes = new LinkedHashMap<>();
      last = next(last, changes);
      announcer.changed(changes);
      changed += changes.size();
    }
    try (ProfileTransaction transaction = ProfileTransaction.begin(pool, limit)) {
      transaction.settings().set(SETTING, fingerprint);
      transaction.commit();
    }
    log.atInfo().addKeyValue("ids", changed).log("customers tagged by the new rules");
  }

  private @Nullable String next(String after, Map<String, Long> changes)
      throws StoreException, InterruptedException {
    try (ProfileTransaction transaction = ProfileTransaction.begin(pool, limit)) {
      List<Customer> customers = transaction.customers().lockAfter(after, MOST_AT_ONCE);
      for (Customer customer : customers) {
        if (customer.tag(rules)) {
          changes.put(customer.id(), customer.version());
          customer.anonymousIds().forEach(id -> changes.put(id, customer.version()));
        }
      }
      transaction.customers().save(customers.stream().filter(Customer::dirty).toList());
      transaction.commit();
      return customers.isEmpty() ? null : customers.getLast().id();
    }
  }
}
