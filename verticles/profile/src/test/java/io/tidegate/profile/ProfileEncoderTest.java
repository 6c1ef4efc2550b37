package io.tidegate.profile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.tidegate.bus.FailureException;
import io.tidegate.proto.customer.Customer;
import io.tidegate.proto.profile.Profile;
import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class ProfileEncoderTest {
  private static final CustomerRow ANNA =
      new CustomerRow(
          "u1",
          17,
          "{\"name\": \"Anna \\\"A\\\" Ü\", \"email\": \"anna@example.com\", \"age\": 41.5, \"vip\": true,"
              + " \"nothing\": null, \"address\": {\"city\": \"Köln\"}, \"sizes\": [1, \"M\"]}",
          List.of("anon-1", "a\"2"),
          "{\"Product Viewed\": 12, \"Order Completed\": 3}",
          3,
          15,
          Instant.parse("2026-01-02T03:04:05.678901Z"),
          Instant.parse("2026-01-03T00:00:00Z"),
          List.of("potential"));

  @Test
  void theShapeInItsOrder() {
    assertThat(text(ANNA))
        .isEqualTo(
            "{\"id\":\"u1\",\"traits\":"
                + ANNA.traits()
                + ",\"anonymousIds\":[\"anon-1\",\"a\\\"2\"],\"counts\":"
                + ANNA.counts()
                + ",\"purchases\":3,\"interactions\":15,\"firstSeen\":\"2026-01-02T03:04:05.678Z\","
                + "\"lastSeen\":\"2026-01-03T00:00:00Z\",\"tags\":[\"potential\"],\"version\":17}");
  }

  @Test
  void whatIsNoObjectIsShownAsAnEmptyOne() throws Exception {
    JsonNode json =
        new ObjectMapper()
            .readTree(
                text(
                    new CustomerRow(
                        "u", 1, "[1]", List.of(), "null", 0, 0, null, null, List.of())));

    assertThat(json.get("traits").isObject()).isTrue();
    assertThat(json.get("counts").isObject()).isTrue();
    assertThat(json.get("firstSeen").isNull()).isTrue();
  }

  @Test
  void asAMessage() {
    Profile profile = ProfileMessages.toProto(view(text(ANNA)));

    assertThat(profile.getId()).isEqualTo("u1");
    assertThat(profile.getVersion()).isEqualTo(17);
    assertThat(profile.getAnonymousIdsList()).containsExactly("anon-1", "a\"2");
    assertThat(profile.getCountsMap()).containsEntry("Product Viewed", 12L).hasSize(2);
    assertThat(profile.getPurchases()).isEqualTo(3);
    assertThat(profile.getInteractions()).isEqualTo(15);
    assertThat(profile.getTagsList()).containsExactly("potential");
    assertThat(profile.getFirstSeen().getSeconds())
        .isEqualTo(Instant.parse("2026-01-02T03:04:05Z").getEpochSecond());
    assertThat(profile.getFirstSeen().getNanos()).isEqualTo(678_000_000);
    var traits = profile.getTraits().getFieldsMap();
    assertThat(traits.get("name").getStringValue()).isEqualTo("Anna \"A\" Ü");
    assertThat(traits.get("age").getNumberValue()).isEqualTo(41.5);
    assertThat(traits.get("vip").getBoolValue()).isTrue();
    assertThat(traits.get("nothing").hasNullValue()).isTrue();
    assertThat(traits.get("address").getStructValue().getFieldsMap().get("city").getStringValue())
        .isEqualTo("Köln");
    assertThat(traits.get("sizes").getListValue().getValuesList()).hasSize(2);
  }

  @Test
  void asACustomer() {
    Customer customer = ProfileMessages.toCustomer(view(text(ANNA)), 42);

    assertThat(customer.getId()).isEqualTo(42);
    assertThat(customer.getName()).isEqualTo("Anna \"A\" Ü");
    assertThat(customer.getEmail()).isEqualTo("anna@example.com");
    assertThat(ProfileMessages.toCustomer(view("{}"), 1).getName()).isEmpty();
  }

  @Test
  void whatCantBeAMessageIsSaid() {
    assertThatThrownBy(() -> ProfileMessages.toProto(Profiles.absent("a", 0)))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> ProfileMessages.toProto(view("{")))
        .isInstanceOf(FailureException.class);
    assertThatThrownBy(() -> ProfileMessages.toProto(view("{\"firstSeen\":\"soon\"}")))
        .isInstanceOf(FailureException.class)
        .hasMessageContaining("soon");
  }

  private static String text(CustomerRow row) {
    return new String(ProfileEncoder.encode(row), StandardCharsets.UTF_8);
  }

  private static ProfileView view(String json) {
    return new ProfileView(
        "u1", true, 17, Buffer.buffer(json), "\"v17\"", Layer.POSTGRES, false, 0);
  }
}
