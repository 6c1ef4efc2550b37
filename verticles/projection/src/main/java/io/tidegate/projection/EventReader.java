package io.tidegate.projection;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.jspecify.annotations.Nullable;

/**
 * Reads records of the log: <a
 * href="https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/kafka-protocol-binding.md">CloudEvents'
 * Kafka binding</a>, binary mode, with a Segment event as data. Refuses what Postgres would not
 * take.
 */
final class EventReader {
  static final String TYPE_PREFIX = "io.tidegate.event.";
  static final String SOURCE_PREFIX = "/sources/";
  private static final int MAX_ID_BYTES = 1_024;
  private static final int MAX_DIGITS = 400;
  private static final Instant EARLIEST = Instant.EPOCH;
  private static final Instant LATEST = Instant.parse("9999-01-01T00:00:00Z");

  private EventReader() {}

  static Event read(ConsumerRecord<?, byte[]> log) throws UnprojectableException {
    Headers headers = log.headers();
    String messageId = id("ce_id", required(headers, "ce_id"));
    Event.Type type = type(required(headers, "ce_type"));
    ObjectNode data = data(log.value());
    @Nullable String userId = id(data, "userId");
    @Nullable String anonymousId = id(data, "anonymousId");
    @Nullable String previousId = id(data, "previousId");
    if (userId == null && anonymousId == null) {
      throw new UnprojectableException("userId and anonymousId: none (expected: one of them)");
    }
    if (type == Event.Type.ALIAS && (userId == null || previousId == null)) {
      throw new UnprojectableException("alias without userId or previousId (expected: both)");
    }
    @Nullable String name = text(data, type == Event.Type.TRACK ? "event" : "name");
    if (type == Event.Type.TRACK && (name == null || name.isEmpty())) {
      throw new UnprojectableException("track without event (expected: its name)");
    }
    Instant received = time("ce_receivedat", value(headers, "ce_receivedat", data, "receivedAt"));
    Instant happened = time("ce_time", value(headers, "ce_time", data, "timestamp"));
    @Nullable String source = header(headers, "ce_source");
    return new Event(
        messageId,
        type,
        userId,
        anonymousId,
        previousId,
        name,
        type == Event.Type.IDENTIFY ? traits(data) : Json.MAPPER.createObjectNode(),
        happened,
        received,
        source == null
            ? ""
            : source.substring(source.startsWith(SOURCE_PREFIX) ? SOURCE_PREFIX.length() : 0),
        new String(log.value(), StandardCharsets.UTF_8));
  }

  private static Event.Type type(String type) throws UnprojectableException {
    if (type.startsWith(TYPE_PREFIX)) {
      String name = type.substring(TYPE_PREFIX.length());
      for (Event.Type known : Event.Type.values()) {
        if (known.name().toLowerCase(Locale.ROOT).equals(name)) {
          return known;
        }
      }
    }
    throw new UnprojectableException(
        "ce_type: " + shown(type) + " (expected: " + TYPE_PREFIX + "track, identify, ...)");
  }

  private static ObjectNode data(byte @Nullable [] value) throws UnprojectableException {
    if (value == null) {
      throw new UnprojectableException("value: none (expected: a JSON object)");
    }
    JsonNode node;
    try {
      node = Json.MAPPER.readTree(value);
    } catch (IOException e) {
      String why = String.valueOf(e.getMessage()).lines().findFirst().orElse("");
      throw new UnprojectableException("value: not JSON: " + shown(why));
    }
    if (!(node instanceof ObjectNode data)) {
      throw new UnprojectableException("value: not a JSON object");
    }
    // Only an escape can hide what Postgres refuses: the parser takes neither raw control
    // characters nor broken UTF-8.
    if (hasEscapes(value)) {
      requireStorable(data);
    }
    return data;
  }

  private static boolean hasEscapes(byte[] value) {
    for (int i = 0; i + 1 < value.length; i++) {
      if (value[i] == '\\' && value[i + 1] == 'u') {
        return true;
      }
    }
    return false;
  }

  private static void requireStorable(JsonNode node) throws UnprojectableException {
    if (node.isTextual()) {
      requireStorable("value", node.asText());
    }
    for (Map.Entry<String, JsonNode> member : node.properties()) {
      requireStorable("value", member.getKey());
      requireStorable(member.getValue());
    }
    if (node.isArray()) {
      for (JsonNode element : node) {
        requireStorable(element);
      }
    }
  }

  private static void requireStorable(String what, String text) throws UnprojectableException {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == 0) {
        throw new UnprojectableException(what + ": contains U+0000, which can't be stored");
      }
      if (Character.isHighSurrogate(c)
          && i + 1 < text.length()
          && Character.isLowSurrogate(text.charAt(i + 1))) {
        i++;
      } else if (Character.isSurrogate(c)) {
        throw new UnprojectableException(what + ": contains half a surrogate pair");
      }
    }
  }

  private static ObjectNode traits(ObjectNode data) throws UnprojectableException {
    JsonNode traits = data.path("traits");
    if (traits.isMissingNode() || traits.isNull()) {
      return Json.MAPPER.createObjectNode();
    }
    if (!(traits instanceof ObjectNode object)) {
      throw new UnprojectableException("traits: not a JSON object");
    }
    requireReadable(object);
    return object;
  }

  /** Postgres writes numbers out digit by digit; they must stay readable. */
  private static void requireReadable(JsonNode node) throws UnprojectableException {
    if (node.isBigDecimal()
        && (node.decimalValue().precision() > MAX_DIGITS
            || Math.abs((long) node.decimalValue().scale()) > MAX_DIGITS)) {
      throw new UnprojectableException(
          "traits: a number of more than " + MAX_DIGITS + " digits (expected: fewer)");
    }
    for (JsonNode child : node) {
      requireReadable(child);
    }
  }

  private static @Nullable String text(ObjectNode data, String field)
      throws UnprojectableException {
    JsonNode value = data.path(field);
    if (value.isMissingNode() || value.isNull()) {
      return null;
    }
    if (!value.isTextual()) {
      throw new UnprojectableException(
          field + ": " + value.getNodeType() + " (expected: a string)");
    }
    return value.asText();
  }

  private static @Nullable String id(ObjectNode data, String field) throws UnprojectableException {
    @Nullable String id = text(data, field);
    return id == null || id.isEmpty() ? null : id(field, id);
  }

  private static String id(String field, String id) throws UnprojectableException {
    int bytes = id.getBytes(StandardCharsets.UTF_8).length;
    if (bytes == 0 || bytes > MAX_ID_BYTES) {
      throw new UnprojectableException(
          field + ": " + bytes + " bytes (expected: 1 to " + MAX_ID_BYTES + ")");
    }
    requireStorable(field, id);
    return id;
  }

  private static String value(Headers headers, String header, ObjectNode data, String field)
      throws UnprojectableException {
    @Nullable String value = header(headers, header);
    if (value == null) {
      value = text(data, field);
    }
    if (value == null) {
      throw new UnprojectableException(header + ": none (expected: a time stamp)");
    }
    return value;
  }

  private static Instant time(String field, String text) throws UnprojectableException {
    Instant time;
    try {
      time = OffsetDateTime.parse(text).toInstant().truncatedTo(ChronoUnit.MICROS);
    } catch (DateTimeException e) {
      throw new UnprojectableException(
          field + ": " + shown(text) + " (expected: RFC 3339, such as 2026-01-31T10:20:30Z)");
    }
    if (time.isBefore(EARLIEST) || time.isAfter(LATEST)) {
      throw new UnprojectableException(
          field + ": " + time + " (expected: between " + EARLIEST + " and " + LATEST + ")");
    }
    return time;
  }

  private static String required(Headers headers, String name) throws UnprojectableException {
    @Nullable String value = header(headers, name);
    if (value == null) {
      throw new UnprojectableException(name + ": none (expected: a CloudEvents header)");
    }
    return value;
  }

  private static @Nullable String header(Headers headers, String name)
      throws UnprojectableException {
    @Nullable Header header = headers.lastHeader(name);
    if (header == null || header.value() == null) {
      return null;
    }
    String value = new String(header.value(), StandardCharsets.UTF_8);
    requireStorable(name, value);
    return value;
  }

  private static String shown(String text) {
    return text.length() <= 200 ? text : text.substring(0, 200) + "...";
  }
}
