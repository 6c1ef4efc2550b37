package io.tidegate.profile;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.protobuf.ListValue;
import com.google.protobuf.NullValue;
import com.google.protobuf.Struct;
import com.google.protobuf.Timestamp;
import com.google.protobuf.Value;
import io.tidegate.bus.Failure;
import io.tidegate.proto.customer.Customer;
import io.tidegate.proto.profile.Profile;
import java.io.IOException;
import java.time.Instant;
import java.time.format.DateTimeParseException;

/** A profile's JSON as the messages of the gRPC services. */
public final class ProfileMessages {
  private static final ObjectMapper JSON = new ObjectMapper();

  private ProfileMessages() {}

  /** ProfileService's answer; for a view that exists. */
  public static Profile toProto(ProfileView view) {
    JsonNode json = parse(view);
    Profile.Builder profile =
        Profile.newBuilder()
            .setId(json.path("id").asText())
            .setTraits(struct(json.path("traits")))
            .setPurchases(json.path("purchases").asLong())
            .setInteractions(json.path("interactions").asLong())
            .setVersion(json.path("version").asLong());
    json.path("anonymousIds").forEach(id -> profile.addAnonymousIds(id.asText()));
    json.path("counts")
        .properties()
        .forEach(count -> profile.putCounts(count.getKey(), count.getValue().asLong()));
    json.path("tags").forEach(tag -> profile.addTags(tag.asText()));
    if (json.path("firstSeen").isTextual()) {
      profile.setFirstSeen(timestamp(json.path("firstSeen").asText()));
    }
    if (json.path("lastSeen").isTextual()) {
      profile.setLastSeen(timestamp(json.path("lastSeen").asText()));
    }
    return profile.build();
  }

  /**
   * CustomerService's answer: the traits {@code name} and {@code email}, empty where there are
   * none.
   */
  public static Customer toCustomer(ProfileView view, long customerId) {
    JsonNode traits = parse(view).path("traits");
    return Customer.newBuilder()
        .setId(customerId)
        .setName(traits.path("name").asText(""))
        .setEmail(traits.path("email").asText(""))
        .build();
  }

  private static JsonNode parse(ProfileView view) {
    if (!view.exists()) {
      throw new IllegalArgumentException(
          "view: none of " + view.id() + " (expected: one that exists)");
    }
    try {
      return JSON.readTree(view.json().getBytes());
    } catch (IOException e) {
      throw Failure.INTERNAL.because(
          "the profile of " + view.id() + " is not JSON: " + e.getMessage());
    }
  }

  private static Timestamp timestamp(String text) {
    try {
      Instant instant = Instant.parse(text);
      return Timestamp.newBuilder()
          .setSeconds(instant.getEpochSecond())
          .setNanos(instant.getNano())
          .build();
    } catch (DateTimeParseException e) {
      throw Failure.INTERNAL.because("time: " + text + " (expected: ISO 8601)");
    }
  }

  private static Struct struct(JsonNode object) {
    Struct.Builder struct = Struct.newBuilder();
    object.properties().forEach(field -> struct.putFields(field.getKey(), value(field.getValue())));
    return struct.build();
  }

  private static Value value(JsonNode node) {
    Value.Builder value = Value.newBuilder();
    return switch (node.getNodeType()) {
      case OBJECT, POJO -> value.setStructValue(struct(node)).build();
      case ARRAY -> {
        ListValue.Builder list = ListValue.newBuilder();
        node.forEach(element -> list.addValues(value(element)));
        yield value.setListValue(list).build();
      }
      case BOOLEAN -> value.setBoolValue(node.booleanValue()).build();
      case NUMBER -> value.setNumberValue(node.doubleValue()).build();
      case STRING, BINARY -> value.setStringValue(node.asText()).build();
      case NULL, MISSING -> value.setNullValue(NullValue.NULL_VALUE).build();
    };
  }
}
