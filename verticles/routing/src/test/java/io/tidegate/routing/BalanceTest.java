package io.tidegate.routing;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class BalanceTest {
  private final Random random = new Random(3);

  private static List<Endpoint> endpoints(int count) {
    return IntStream.range(0, count)
        .mapToObj(
            i ->
                new Endpoint(
                    "http://10.0.0." + i + ":80",
                    new Breaker(10, 0.5, 1, System::nanoTime, state -> {}),
                    1))
        .toList();
  }

  @Test
  void theBusyOneOfTwoIsSpared() {
    List<Endpoint> endpoints = endpoints(2);
    endpoints.getFirst().began(0);
    for (int i = 0; i < 100; i++) {
      assertThat(Balance.LEAST_REQUESTS.pick(endpoints, "", random)).isSameAs(endpoints.getLast());
    }
  }

  @Test
  void twoChoicesKeepTheMostLoadedCloseToTheMean() {
    List<Endpoint> endpoints = endpoints(20);
    for (int i = 0; i < 2_000; i++) {
      Balance.LEAST_REQUESTS.pick(endpoints, "", random).began(0);
    }
    assertThat(endpoints)
        .allSatisfy(endpoint -> assertThat(endpoint.inFlight()).isBetween(90, 110));
  }

  @Test
  void aCustomerStaysAndOnlyTheLostEndpointsCustomersMove() {
    List<Endpoint> all = endpoints(5);
    List<Endpoint> fewer = new ArrayList<>(all);
    Endpoint lost = fewer.remove(2);
    Map<Endpoint, Integer> counts = new HashMap<>();
    for (int i = 0; i < 10_000; i++) {
      String customer = "customer-" + i;
      Endpoint before = Balance.CUSTOMER_HASH.pick(all, customer, random);
      Endpoint after = Balance.CUSTOMER_HASH.pick(fewer, customer, random);
      counts.merge(before, 1, Integer::sum);
      if (before != lost) {
        assertThat(after).isSameAs(before);
      }
    }
    assertThat(counts.values())
        .hasSize(5)
        .allSatisfy(count -> assertThat(count).isBetween(1_700, 2_300));
  }
}
