package io.tidegate.projection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidegate.projection.Ledger.Outcome;
import io.tidegate.projection.Ledger.Rules;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class LedgerTest {
  private static final Rules RULES = new Rules(Set.of("Order Completed"), true, TagRules.DEFAULT);
  private final Map<String, Customer> customers = new LinkedHashMap<>();
  private Ledger ledger = new Ledger(RULES, customers);

  private Outcome apply(Event event) throws UnprojectableException {
    event.ids().forEach(this::customer);
    return ledger.apply(event);
  }

  private Customer customer(String id) {
    return customers.computeIfAbsent(id, LedgerTest::fresh);
  }

  private static Customer fresh(String id) {
    return new Customer(Json.MAPPER.createObjectNode().put("id", id));
  }

  /** What the next batch would load. */
  private void nextBatch() {
    ledger.finish();
    customers.replaceAll((id, customer) -> new Customer(Json.parse(Json.text(customer.row()))));
    ledger = new Ledger(RULES, customers);
  }

  @Test
  void countsByNameAndKind() throws Exception {
    apply(Events.track("u", null, "Product Viewed"));
    apply(Events.track("u", null, "Order Completed"));
    apply(Events.page("u"));
    apply(Events.event(Event.Type.SCREEN, "u", null, null, "Cart", "{}"));
    apply(Events.event(Event.Type.GROUP, "u", null, null, null, "{}"));
    ledger.finish();
    Customer u = customer("u");
    assertThat(u.counts())
        .isEqualTo(
            Map.of(
                "Product Viewed",
                1L,
                "Order Completed",
                1L,
                "Page Viewed",
                1L,
                "Screen Viewed",
                1L));
    assertThat(u.purchases()).isEqualTo(1);
    assertThat(u.interactions()).isEqualTo(4);
    assertThat(u.tags()).containsExactly("potential");
    assertThat(u.present()).isTrue();
    assertThat(ledger.booked()).hasSize(5);
  }

  @Test
  void highValueNeedsBoth() throws Exception {
    for (int i = 0; i < 6; i++) {
      apply(Events.track("u", null, "Order Completed"));
    }
    nextBatch();
    assertThat(customer("u").tags()).containsExactly("potential");
    for (int i = 0; i < 5; i++) {
      apply(Events.page("u"));
    }
    nextBatch();
    assertThat(customer("u").tags()).containsExactly("high-value");
  }

  @Test
  void identifyMergesThePastOfItsAnonymousId() throws Exception {
    apply(Events.at(Events.track(null, "a", "Order Completed"), Events.NOW.minusSeconds(100)));
    apply(Events.identify(null, "a", "{\"city\":\"Ghent\",\"plan\":\"free\"}"));
    apply(Events.track("u", null, "Order Completed"));
    apply(Events.identify("u", null, "{\"plan\":\"gold\"}"));
    long shown = Math.max(customer("a").version(), customer("u").version());
    nextBatch();
    apply(Events.identify("u", "a", "{\"name\":\"Una\"}"));
    Customer u = customer("u");
    assertThat(u.counts()).isEqualTo(Map.of("Order Completed", 2L));
    assertThat(u.purchases()).isEqualTo(2);
    assertThat(u.interactions()).isEqualTo(2);
    assertThat(Json.text(u.traits().json()))
        .isEqualTo("{\"plan\":\"gold\",\"name\":\"Una\",\"city\":\"Ghent\"}");
    assertThat(u.anonymousIds()).containsExactly("a");
    assertThat(u.row().get("first_seen").asText())
        .isEqualTo(Events.NOW.minusSeconds(100).toString());
    assertThat(u.version()).isGreaterThan(shown);
    Customer a = customer("a");
    assertThat(a.mergedInto()).isEqualTo("u");
    assertThat(a.version()).isGreaterThan(shown);
    assertThat(a.counts()).isEmpty();
    assertThat(a.present()).isFalse();
    assertThat(a.heir()).isEqualTo("u");
    assertThat(ledger.changes()).containsOnlyKeys("u", "a");
    assertThat(ledger.changes().get("a")).isEqualTo(u.version());
  }

  @Test
  void eventsOfAnAliasCountForItsCustomerAndLinkingAgainDoesNothing() throws Exception {
    apply(Events.identify("u", "a", "{}"));
    apply(Events.track(null, "a", "Product Viewed"));
    apply(Events.identify("u", "a", "{}"));
    assertThat(customer("u").counts()).isEqualTo(Map.of("Product Viewed", 1L));
    assertThat(customer("a").counts()).isEmpty();
    assertThat(ledger.booked()).allSatisfy(b -> assertThat(b.customerId()).isEqualTo("u"));
  }

  @Test
  void bothIdsOnATrackCountForTheUserAndLinkNothing() throws Exception {
    apply(Events.track("u", "a", "Product Viewed"));
    assertThat(customer("u").count("Product Viewed")).isEqualTo(1);
    assertThat(customer("a").mergedInto()).isNull();
    assertThat(customer("a").present()).isFalse();
  }

  @Test
  void aSharedDeviceChangesHandsForTheFutureOnly() throws Exception {
    apply(Events.track(null, "a", "Product Viewed"));
    apply(Events.identify("v", "a", "{}"));
    apply(Events.track(null, "a", "Product Viewed"));
    nextBatch();
    long shown = customer("v").version();
    apply(Events.identify("u", "a", "{}"));
    apply(Events.track(null, "a", "Product Added"));
    Customer v = customer("v");
    Customer u = customer("u");
    assertThat(v.counts()).isEqualTo(Map.of("Product Viewed", 2L));
    assertThat(v.anonymousIds()).isEmpty();
    assertThat(v.version()).isGreaterThan(shown);
    assertThat(u.counts()).isEqualTo(Map.of("Product Added", 1L));
    assertThat(u.anonymousIds()).containsExactly("a");
    assertThat(u.version()).as("what a shows never goes back").isGreaterThan(shown);
    assertThat(customer("a").heir()).as("whose the past is").isEqualTo("v");
    assertThat(ledger.changes()).containsOnlyKeys("u", "a", "v");
  }

  @Test
  void pastOfADeviceStaysWithItsFirstUserWhenAllComesInOneBatch() throws Exception {
    apply(Events.track(null, "a", "Product Viewed"));
    apply(Events.identify("v", "a", "{}"));
    apply(Events.identify("u", "a", "{}"));
    assertThat(customer("v").count("Product Viewed")).isEqualTo(1);
    assertThat(customer("a").heir()).isEqualTo("v");
    assertThat(ledger.booked().getFirst().customerId()).isEqualTo("v");
  }

  @Test
  void aliasesStayOneStepAndCyclesDoNothing() throws Exception {
    apply(Events.track(null, "a", "Product Viewed"));
    apply(Events.identify("b", "a", "{}"));
    apply(Events.alias("c", "b"));
    assertThat(customer("a").mergedInto()).isEqualTo("c");
    assertThat(customer("b").mergedInto()).isEqualTo("c");
    assertThat(customer("c").anonymousIds()).containsExactly("a", "b");
    assertThat(customer("c").count("Product Viewed")).isEqualTo(1);
    apply(Events.alias("b", "c"));
    apply(Events.alias("c", "a"));
    assertThat(customer("c").mergedInto()).isNull();
    assertThat(customer("a").mergedInto()).isEqualTo("c");
    assertThat(customer("a").heir()).isEqualTo("b");
    assertThat(customer("b").heir()).isEqualTo("c");
    assertThat(customer("c").heir()).isNull();
  }

  @Test
  void identifyDoesNotTakeOverAUser() throws Exception {
    apply(Events.identify("victim", null, "{\"email\":\"v@example.com\"}"));
    apply(Events.identify("thief", "victim", "{}"));
    assertThat(customer("victim").mergedInto()).isNull();
    assertThat(customer("thief").traits().json()).isEmpty();
  }

  @Test
  void aliasOfUsersCanBeRefused() throws Exception {
    ledger = new Ledger(new Rules(Set.of(), false, TagRules.DEFAULT), customers);
    apply(Events.identify("victim", null, "{}"));
    apply(Events.alias("thief", "victim"));
    assertThat(customer("victim").mergedInto()).isNull();
    apply(Events.track(null, "a", "x"));
    apply(Events.alias("thief", "a"));
    assertThat(customer("a").mergedInto()).isEqualTo("thief");
  }

  @Test
  void laterTraitsWinAndNullRemoves() throws Exception {
    apply(Events.identify(null, "a", "{\"x\":1,\"y\":2}"));
    apply(Events.identify("u", "a", "{\"y\":null,\"z\":3}"));
    apply(Events.identify("u", null, "{\"z\":4}"));
    assertThat(Json.text(customer("u").traits().json())).isEqualTo("{\"z\":4,\"x\":1}");
  }

  @Test
  void tooManyTraitsAreRefusedWholly() throws Exception {
    ObjectNode many = Json.MAPPER.createObjectNode();
    for (int i = 0; i <= Traits.MAX_KEYS; i++) {
      many.put("k" + i, i);
    }
    Event event = Events.identify("u", "a", Json.text(many));
    assertThatThrownBy(() -> apply(event))
        .isInstanceOf(UnprojectableException.class)
        .hasMessageContaining("501 keys (expected: at most 500)");
    Event large = Events.identify("u", "a", "{\"x\":\"" + "y".repeat(Traits.MAX_BYTES) + "\"}");
    assertThatThrownBy(() -> apply(large)).isInstanceOf(UnprojectableException.class);
    assertThat(customer("a").mergedInto()).isNull();
    assertThat(ledger.dirty()).isEmpty();
  }

  @Test
  void mergedTraitsFillUpOnlyAsFarAsTheyFit() throws Exception {
    apply(Events.identify(null, "a", "{\"x\":\"" + "y".repeat(40_000) + "\",\"small\":1}"));
    apply(Events.identify("u", null, "{\"z\":\"" + "y".repeat(40_000) + "\"}"));
    apply(Events.identify("u", "a", "{}"));
    assertThat(customer("u").traits().json().properties())
        .extracting(Map.Entry::getKey)
        .containsExactly("z", "small");
  }

  @Test
  void namesPastTheBoundAreCountedTogether() throws Exception {
    for (int i = 0; i < Customer.MAX_NAMES + 5; i++) {
      apply(Events.track("u", null, "event " + i));
    }
    apply(Events.track("u", null, "event 0"));
    apply(Events.track("v", null, "n".repeat(Customer.MAX_NAME_LENGTH + 1)));
    assertThat(customer("u").counts()).hasSize(Customer.MAX_NAMES + 1);
    assertThat(customer("u").count(Customer.OTHER)).isEqualTo(5);
    assertThat(customer("u").count("event 0")).isEqualTo(2);
    assertThat(customer("v").counts()).isEqualTo(Map.of(Customer.OTHER, 1L));
  }

  @Test
  void linksPastTheBoundAreNotMade() throws Exception {
    for (int i = 0; i < Customer.MAX_ANONYMOUS_IDS + 3; i++) {
      apply(Events.identify("u", "a" + i, "{}"));
    }
    assertThat(customer("u").anonymousIds()).hasSize(Customer.MAX_ANONYMOUS_IDS);
    assertThat(customer("a" + Customer.MAX_ANONYMOUS_IDS).mergedInto()).isNull();
  }

  @Test
  void whatWasErasedStaysErased() throws Exception {
    ObjectNode tombstone = Json.MAPPER.createObjectNode().put("id", "u").put("version", 9);
    tombstone.put("erased_at", Events.NOW.toString());
    customers.put("u", new Customer(tombstone));
    Event late = Events.track("u", null, "Order Completed");
    assertThat(apply(late)).isEqualTo(Outcome.ERASED);
    assertThat(apply(Events.at(late, Events.NOW.minusSeconds(1)))).isEqualTo(Outcome.ERASED);
    assertThat(apply(Events.identify("w", "u", "{}"))).isEqualTo(Outcome.ERASED);
    assertThat(ledger.dirty()).isEmpty();
    assertThat(apply(Events.at(late, Events.NOW.plus(Duration.ofSeconds(1)))))
        .isEqualTo(Outcome.PROJECTED);
    assertThat(customer("u").purchases()).isEqualTo(1);
    assertThat(customer("u").version()).isGreaterThan(9);
  }

  @Test
  void missingRowsAreTargetsAndAliasesOfTheLinked() {
    ObjectNode alias = Json.MAPPER.createObjectNode().put("id", "a").put("merged_into", "u");
    ObjectNode owner = Json.MAPPER.createObjectNode().put("id", "p");
    owner.putArray("anonymous_ids").add("q");
    Map<String, Customer> loaded =
        Map.of("a", new Customer(alias), "p", new Customer(owner), "x", fresh("x"));
    assertThat(Ledger.missing(loaded, Set.of("p"))).containsExactlyInAnyOrder("u", "q");
    assertThat(Ledger.missing(loaded, Set.of())).containsExactly("u");
  }
}
