package io.tidegate.simulate;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class ShopperTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Clock NOON =
      Clock.fixed(Instant.parse("2026-06-18T12:00:00Z"), ZoneOffset.UTC);

  @Test
  void theSameSeedShopsTheSameWay() {
    assertThat(calls(5, 500)).isEqualTo(calls(5, 500));
    assertThat(calls(5, 500)).isNotEqualTo(calls(6, 500));
  }

  @Test
  void everyKindOfRequestComesUp() {
    var seen = new HashMap<String, Integer>();
    calls(1, 10_000).forEach(call -> seen.merge(call.operation(), 1, Integer::sum));
    assertThat(seen.keySet())
        .containsExactlyInAnyOrder(
            "view",
            "cart",
            "favourite",
            "purchase",
            "page",
            "screen",
            "identify",
            "browse",
            "sign in",
            "alias",
            "batch",
            "profile",
            "routed");
    assertThat(seen.get("view")).isBetween(3_900, 4_500);
    assertThat(seen.get("profile")).isBetween(1_000, 1_400);
  }

  @Test
  void everyEventIsOneThatTheApiTakes() throws Exception {
    var ids = new HashSet<String>();
    for (Call call : calls(2, 5_000)) {
      if (call.body() == null) {
        assertThat(call.auth()).isEqualTo(Call.Auth.TOKEN);
        assertThat(call.path()).matches("/demo/hello|/v1/customers/[0-9]{7}/profile");
        continue;
      }
      JsonNode body = JSON.readTree(call.body());
      if (call.path().equals("/v1/batch")) {
        assertThat(body.path("batch").size()).isBetween(1, 20);
        for (JsonNode event : body.path("batch")) {
          check(event, ids);
        }
      } else {
        assertThat(call.path()).isEqualTo("/v1/" + body.path("type").asText());
        check(body, ids);
      }
    }
  }

  private static void check(JsonNode event, Set<String> ids) {
    assertThat(ids.add(event.path("messageId").asText())).as("fresh message id").isTrue();
    assertThat(event.path("timestamp").asText()).isEqualTo("2026-06-18T12:00:00Z");
    assertThat(event.has("userId") || event.has("anonymousId")).isTrue();
    assertThat(event.path("type").asText())
        .satisfiesAnyOf(
            type -> assertThat(type).isNotEqualTo("track"),
            type -> assertThat(event.path("event").asText()).isNotEmpty());
    if (event.path("type").asText().equals("alias")) {
      assertThat(event.path("previousId").asText()).isNotEmpty();
    }
  }

  @Test
  void fewCustomersMakeMostOfTheTraffic() {
    Map<String, Integer> reads = new HashMap<>();
    for (Call call : calls(3, 40_000)) {
      if (call.operation().equals(Call.PROFILE)) {
        reads.merge(call.path(), 1, Integer::sum);
      }
    }
    int most = reads.get("/v1/customers/1000001/profile");
    int total = reads.values().stream().mapToInt(Integer::intValue).sum();
    assertThat((double) most / total).isBetween(0.02, 0.15);
    assertThat(reads.size()).isGreaterThan(1_000);
  }

  private static List<Call> calls(long seed, int count) {
    var ids = new AtomicInteger();
    var shopper =
        new Shopper(seed, 10_000, 100, "/demo/hello", NOON, () -> "id-" + ids.incrementAndGet());
    var calls = new ArrayList<Call>();
    for (int i = 0; i < count; i++) {
      calls.add(shopper.next());
    }
    return calls;
  }
}
