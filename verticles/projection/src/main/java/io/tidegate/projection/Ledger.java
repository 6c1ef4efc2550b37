package io.tidegate.projection;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The customers a batch touches, and the rules by which its events change them. Holds every row
 * that an event names, the customers those point at, and the aliases of whoever may be merged away;
 * pure logic, in the log's order.
 */
final class Ledger {
  /** What became of an event. */
  enum Outcome {
    PROJECTED,
    ERASED
  }

  /**
   * What the configuration decides.
   *
   * @param purchaseEvents names of track events that are purchases
   * @param aliasOfUsers whether alias may merge an id that was itself a user id
   */
  record Rules(Set<String> purchaseEvents, boolean aliasOfUsers, TagRules tags) {}

  private record Booking(Event event, Customer customer) {}

  /**
   * An event and the id of the customer it belongs to.
   *
   * @param customerId never an alias
   */
  record Booked(Event event, String customerId) {}

  private final Rules rules;
  private final Map<String, Customer> customers;
  private final List<Booking> bookings = new ArrayList<>();
  private final Map<String, Customer> absorbers = new LinkedHashMap<>();

  Ledger(Rules rules, Map<String, Customer> customers) {
    this.rules = rules;
    this.customers = customers;
  }

  /**
   * Applies one event.
   *
   * @throws UnprojectableException when it can't be; nothing has changed then
   */
  Outcome apply(Event event) throws UnprojectableException {
    for (String id : event.ids()) {
      Customer named = row(id);
      if (named.erased(event) || canonical(named).erased(event)) {
        return Outcome.ERASED;
      }
    }
    Customer customer = canonical(row(event.subject()));
    Traits traits = customer.traits().with(event.traits());
    // Nothing refuses the event from here on.
    customer.describe(traits);
    @Nullable String linked = event.linkedId();
    if (linked != null) {
      link(row(linked), customer, event);
    }
    if (event.userId() != null) {
      row(event.userId()).markIdentified();
    }
    customer.add(event, rules.purchaseEvents());
    bookings.add(new Booking(event, customer));
    return Outcome.PROJECTED;
  }

  private void link(Customer id, Customer to, Event event) {
    Customer from = canonical(id);
    boolean takesUsers = event.type() == Event.Type.ALIAS && rules.aliasOfUsers();
    if (from == to || (id.identified() && !takesUsers)) {
      return;
    }
    if (from != id) {
      if (to.anonymousIds().size() < Customer.MAX_ANONYMOUS_IDS) {
        from.release(id);
        to.overtake(from);
        to.adopt(id);
      }
    } else if (to.hasRoomFor(id)) {
      List<String> aliases = List.copyOf(id.anonymousIds());
      to.absorb(id, event.traits());
      aliases.forEach(alias -> row(alias).pointAt(to));
      absorbers.put(id.id(), to);
    }
  }

  private Customer row(String id) {
    Customer customer = customers.get(id);
    if (customer == null) {
      throw new IllegalStateException("customer: " + id + " (expected: loaded)");
    }
    return customer;
  }

  private Customer canonical(Customer customer) {
    @Nullable String target = customer.mergedInto();
    return target == null ? customer : row(target);
  }

  /**
   * Who has a customer's past after all merges; not its alias's target, which may have changed
   * hands since.
   */
  private Customer heir(Customer customer) {
    Customer heir = customer;
    for (@Nullable Customer next = heir; next != null; next = absorbers.get(heir.id())) {
      heir = next;
    }
    return heir;
  }

  /** Computes tags; once, after the last event. */
  void finish() {
    for (Customer customer : customers.values()) {
      if (customer.showsChange()) {
        customer.tag(rules.tags());
      }
    }
  }

  /** Rows to write back. */
  List<Customer> dirty() {
    return customers.values().stream().filter(Customer::dirty).toList();
  }

  /** Applied events with their customers after all merges. */
  List<Booked> booked() {
    return bookings.stream().map(b -> new Booked(b.event(), heir(b.customer()).id())).toList();
  }

  /** Every id that shows something else now, with its version. */
  Map<String, Long> changes() {
    Map<String, Long> changes = new LinkedHashMap<>();
    for (Customer customer : customers.values()) {
      if (customer.showsChange()) {
        changes.put(customer.id(), customer.version());
        customer.anonymousIds().forEach(id -> changes.put(id, customer.version()));
      }
    }
    return changes;
  }

  /**
   * Ids that must be loaded too before events can be applied: what aliases point at, and aliases of
   * the linked.
   */
  static Set<String> missing(Map<String, Customer> loaded, Collection<String> linking) {
    Set<String> missing = new LinkedHashSet<>();
    for (Customer customer : loaded.values()) {
      @Nullable String target = customer.mergedInto();
      if (target != null && !loaded.containsKey(target)) {
        missing.add(target);
      }
    }
    for (String id : linking) {
      Customer customer = loaded.get(id);
      if (customer != null) {
        customer.anonymousIds().stream().filter(a -> !loaded.containsKey(a)).forEach(missing::add);
      }
    }
    return missing;
  }
}
