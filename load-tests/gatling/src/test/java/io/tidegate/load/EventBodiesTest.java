package io.tidegate.load;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.tidegate.load.EventBodies.Kind;
import java.io.IOException;
import java.time.Instant;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class EventBodiesTest {
  private static final String ADA = "1000001";

  private final ObjectMapper json = new ObjectMapper();
  private final EventBodies bodies =
      new EventBodies("load-abc", Instant.parse("2026-06-17T12:00:00Z"));

  @Test
  void everyKindIsAnEventOfTheCustomerWithAnIdOfItsOwn() throws IOException {
    Set<String> ids = new HashSet<>();
    for (Kind kind : Kind.values()) {
      for (int i = 0; i < 50; i++) {
        JsonNode event = json.readTree(bodies.event(kind, ADA));
        assertThat("/v1/" + event.path("type").asText()).isEqualTo(kind.path());
        assertThat(event.path("userId").asText()).isEqualTo("1000001");
        assertThat(event.path("timestamp").asText()).isEqualTo("2026-06-17T12:00:00Z");
        assertThat(event.path("messageId").asText()).matches("load-abc-[0-9a-f]{12}");
        ids.add(event.path("messageId").asText());
      }
    }
    assertThat(ids).hasSize(50 * Kind.values().length);
  }

  @Test
  void theTrackEventsAreThoseOfAShop() throws IOException {
    assertThat(json.readTree(bodies.event(Kind.PURCHASE, ADA)).path("event").asText())
        .isEqualTo("Order Completed");
    JsonNode view = json.readTree(bodies.event(Kind.VIEW, ADA));
    assertThat(view.path("event").asText()).isEqualTo("Product Viewed");
    assertThat(view.path("properties").path("productId").asText()).startsWith("p-");
    assertThat(view.path("properties").path("price").isNumber()).isTrue();
  }

  @Test
  void aBatchHoldsSoManyEvents() throws IOException {
    JsonNode batch = json.readTree(bodies.batch(25, ADA)).path("batch");
    assertThat(batch).hasSize(25);
    Set<String> ids = new HashSet<>();
    batch.forEach(event -> ids.add(event.path("messageId").asText()));
    assertThat(ids).hasSize(25);
  }
}
