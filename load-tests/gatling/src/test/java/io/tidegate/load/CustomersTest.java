package io.tidegate.load;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class CustomersTest {
  @Test
  void coldReadsAskForEveryCustomerOnceBeforeAnyTwice() {
    for (int count : List.of(1, 2, 10, 999, 1_000, 7_777)) {
      Customers customers =
          new Customers(count, List.of("Bearer a"), List.of("Bearer b"), rank -> "");
      Set<String> asked = new HashSet<>();
      for (int i = 0; i < count; i++) {
        asked.add(customers.coldPath());
      }
      assertThat(asked).hasSize(count).contains("/v1/customers/1000001/profile");
      assertThat(asked).contains("/v1/customers/" + Customers.id(count) + "/profile");
    }
  }

  @Test
  void fewCustomersArePopular() {
    Customers customers =
        new Customers(100_000, List.of("Bearer a"), List.of("Bearer b"), rank -> "");
    Map<String, Integer> asked = new HashMap<>();
    for (int i = 0; i < 20_000; i++) {
      asked.merge(customers.popularPath(), 1, Integer::sum);
    }
    int most = Collections.max(asked.values());
    assertThat(asked.get("/v1/customers/1000001/profile")).isEqualTo(most);
    assertThat(most).isGreaterThan(20_000 / 100);
    assertThat(asked.size()).isBetween(2_000, 19_000);
  }

  @Test
  void aVisitorHasTheOwnTokenAndProfile() {
    Customers customers =
        new Customers(
            10, List.of("Bearer one", "Bearer two"), List.of("x"), rank -> "Bearer new " + rank);
    Map<String, String> seen = new HashMap<>();
    for (int i = 0; i < 200; i++) {
      Customers.Visitor visitor = customers.anyVisitor();
      seen.put(visitor.authorization(), visitor.profile());
      assertThat(visitor.profile()).contains("/" + visitor.id() + "/");
    }
    assertThat(seen)
        .containsEntry("Bearer one", "/v1/customers/1000001/profile")
        .containsEntry("Bearer two", "/v1/customers/1000002/profile");
  }

  @Test
  void whoSignsInHasANewTokenOfTheOwn() {
    Customers customers =
        new Customers(10, List.of("Bearer a", "Bearer b"), List.of(), rank -> "Bearer new " + rank);
    for (int i = 0; i < 20; i++) {
      Customers.Visitor visitor = customers.signsIn();
      assertThat(visitor.id()).isIn(Customers.id(1), Customers.id(2));
      int rank = Integer.parseInt(visitor.id()) - Customers.FIRST;
      assertThat(visitor.authorization()).isEqualTo("Bearer new " + rank);
    }
  }
}
