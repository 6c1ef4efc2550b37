package io.tidegate.projection;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Random logs, cut and shuffled as partitions, crashes and clients that send again would, against a
 * plain model.
 */
class LedgerModelTest {
  private static final Ledger.Rules RULES =
      new Ledger.Rules(Set.of("Order Completed"), true, TagRules.DEFAULT);
  private static final String[] NAMES = {"Product Viewed", "Order Completed", "Product Added"};

  /** Rows as the database would have them, and what was stored of events. */
  private final Map<String, Customer> rows = new HashMap<>();

  private final Map<String, String> customerOfEvent = new HashMap<>();
  private final Set<String> messageIds = new HashSet<>();

  private void batch(List<Event> events) throws UnprojectableException {
    List<Event> fresh = events.stream().filter(e -> messageIds.add(e.messageId())).toList();
    Set<String> wanted = new HashSet<>();
    Set<String> linking = new HashSet<>();
    for (Event event : fresh) {
      wanted.addAll(event.ids());
      if (event.linkedId() != null) {
        linking.add(event.linkedId());
      }
    }
    Map<String, Customer> loaded = new LinkedHashMap<>();
    for (Set<String> missing = wanted;
        !missing.isEmpty();
        missing = Ledger.missing(loaded, linking)) {
      for (String id : missing) {
        Customer row = rows.get(id);
        loaded.put(
            id,
            new Customer(
                row == null
                    ? Json.MAPPER.createObjectNode().put("id", id)
                    : Json.parse(Json.text(row.row()))));
      }
    }
    Ledger ledger = new Ledger(RULES, loaded);
    for (Event event : fresh) {
      ledger.apply(event);
    }
    ledger.finish();
    Map<String, Long> shown = new HashMap<>();
    rows.keySet().forEach(id -> shown.put(id, shownVersion(id)));
    ledger.dirty().forEach(customer -> rows.put(customer.id(), customer));
    customerOfEvent.replaceAll((event, customer) -> heir(customer));
    ledger.booked().forEach(b -> customerOfEvent.put(b.event().messageId(), b.customerId()));
    shown.forEach(
        (id, version) -> {
          boolean announced = ledger.changes().containsKey(id);
          assertThat(shownVersion(id))
              .as("version of " + id)
              .isGreaterThanOrEqualTo(announced ? version + 1 : version);
        });
  }

  private String heir(String id) {
    String heir = rows.containsKey(id) ? rows.get(id).heir() : null;
    return heir == null ? id : heir(heir);
  }

  private long shownVersion(String id) {
    Customer row = rows.get(id);
    return row.mergedInto() == null ? row.version() : rows.get(row.mergedInto()).version();
  }

  /** What the numbers must be, by the rules said in the plainest way: each event has an owner. */
  private static final class Model {
    final Map<String, String> pointsAt = new HashMap<>();
    final Map<String, String> ownerOfEvent = new LinkedHashMap<>();
    final Map<String, Event> events = new HashMap<>();
    final Set<String> users = new HashSet<>();

    void apply(Event event) {
      if (events.putIfAbsent(event.messageId(), event) != null) {
        return;
      }
      String owner = pointsAt.getOrDefault(event.subject(), event.subject());
      String linked = event.linkedId();
      if (linked != null) {
        String from = pointsAt.getOrDefault(linked, linked);
        boolean allowed = event.type() == Event.Type.ALIAS || !users.contains(linked);
        if (!from.equals(owner) && allowed) {
          if (from.equals(linked)) {
            ownerOfEvent.replaceAll((id, customer) -> customer.equals(linked) ? owner : customer);
            pointsAt.replaceAll((id, target) -> target.equals(linked) ? owner : target);
          }
          pointsAt.put(linked, owner);
        }
      }
      if (event.userId() != null) {
        users.add(event.userId());
      }
      ownerOfEvent.put(event.messageId(), owner);
    }

    Map<String, Map<String, Long>> counts() {
      Map<String, Map<String, Long>> counts = new TreeMap<>();
      ownerOfEvent.forEach(
          (id, owner) -> {
            String name = events.get(id).countedAs();
            Map<String, Long> own = counts.computeIfAbsent(owner, o -> new TreeMap<>());
            if (name != null) {
              own.merge(name, 1L, Long::sum);
            }
          });
      return counts;
    }
  }

  private static Event random(Random random, int seq, boolean sharedDevices) {
    int n = random.nextInt(6);
    String user = "u" + n;
    // A device of one's own, or one that anybody may sign in on.
    String device = "a" + (sharedDevices ? random.nextInt(6) : n * 3 + random.nextInt(3));
    String id = "m" + seq;
    return switch (random.nextInt(10)) {
      case 0 ->
          Events.event(
              id, Event.Type.IDENTIFY, user, device, null, null, "{\"k\":" + seq + "}", Events.NOW);
      case 1 ->
          Events.event(
              id,
              Event.Type.ALIAS,
              user,
              null,
              sharedDevices && random.nextBoolean() ? "u" + random.nextInt(6) : device,
              null,
              "{}",
              Events.NOW);
      case 2 -> Events.event(id, Event.Type.PAGE, null, device, null, null, "{}", Events.NOW);
      case 3, 4, 5 ->
          Events.event(
              id, Event.Type.TRACK, null, device, null, NAMES[random.nextInt(3)], "{}", Events.NOW);
      default ->
          Events.event(
              id,
              Event.Type.TRACK,
              user,
              random.nextBoolean() ? device : null,
              null,
              NAMES[random.nextInt(3)],
              "{}",
              Events.NOW);
    };
  }

  /** Partitions keep their order; between them, and in how often an event comes, anything goes. */
  private static List<Event> delivered(List<Event> sent, Random random) {
    List<Deque<Event>> partitions = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      partitions.add(new ArrayDeque<>());
    }
    for (Event event : sent) {
      Deque<Event> partition = partitions.get(Math.floorMod(event.subject().hashCode(), 4));
      partition.add(event);
      if (random.nextInt(5) == 0) {
        partition.add(event);
      }
    }
    List<Event> log = new ArrayList<>();
    while (!partitions.isEmpty()) {
      Deque<Event> partition = partitions.get(random.nextInt(partitions.size()));
      if (partition.isEmpty()) {
        partitions.remove(partition);
      } else {
        log.add(partition.poll());
      }
    }
    return log;
  }

  private void project(List<Event> log, Random random) throws UnprojectableException {
    for (int at = 0; at < log.size(); ) {
      int end = Math.min(log.size(), at + 1 + random.nextInt(20));
      batch(log.subList(at, end));
      at =
          random.nextInt(8) == 0 ? Math.max(0, at - 3) : end; // now and then some of it comes again
    }
  }

  private Map<String, Map<String, Long>> counts() {
    Map<String, Map<String, Long>> counts = new TreeMap<>();
    rows.forEach(
        (id, row) -> {
          if (row.mergedInto() == null && row.present()) {
            counts.put(id, new TreeMap<>(row.counts()));
          }
        });
    return counts;
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20})
  void anyCutGivesTheModelsNumbers(long seed) throws Exception {
    Random random = new Random(seed);
    List<Event> sent = new ArrayList<>();
    for (int i = 0; i < 400; i++) {
      sent.add(random(random, i, true));
    }
    List<Event> log = delivered(sent, random);
    Model model = new Model();
    log.forEach(model::apply);
    project(log, random);

    assertThat(counts()).isEqualTo(model.counts());
    assertThat(customerOfEvent).isEqualTo(model.ownerOfEvent);
    rows.forEach(
        (id, row) -> {
          assertThat(row.mergedInto()).isEqualTo(model.pointsAt.get(id));
          assertThat(row.interactions())
              .isEqualTo(row.counts().values().stream().mapToLong(c -> c).sum());
          assertThat(row.purchases()).isEqualTo(row.count("Order Completed"));
          for (String alias : row.anonymousIds()) {
            assertThat(rows.get(alias).mergedInto()).isEqualTo(id);
          }
        });
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
  void withoutSharedDevicesEveryOrderGivesTheSame(long seed) throws Exception {
    Random random = new Random(seed);
    List<Event> sent = new ArrayList<>();
    for (int i = 0; i < 300; i++) {
      sent.add(random(random, i, false));
    }
    Model model = new Model();
    delivered(sent, random).forEach(model::apply);
    project(delivered(sent, random), random);
    assertThat(counts()).isEqualTo(model.counts());
  }
}
