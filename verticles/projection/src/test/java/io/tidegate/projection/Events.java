package io.tidegate.projection;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Locale;
import java.util.UUID;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.jspecify.annotations.Nullable;

/** Makes events as tests need them, and the records that ingestion would write. */
final class Events {
  /** When this JVM started: a little in the past, and the same all through a test run. */
  static final Instant NOW =
      Instant.ofEpochMilli(ManagementFactory.getRuntimeMXBean().getStartTime());

  private Events() {}

  static Event track(@Nullable String userId, @Nullable String anonymousId, String name) {
    return event(Event.Type.TRACK, userId, anonymousId, null, name, "{}");
  }

  static Event page(String userId) {
    return event(Event.Type.PAGE, userId, null, null, "Home", "{}");
  }

  static Event identify(@Nullable String userId, @Nullable String anonymousId, String traits) {
    return event(Event.Type.IDENTIFY, userId, anonymousId, null, null, traits);
  }

  static Event alias(String userId, String previousId) {
    return event(Event.Type.ALIAS, userId, null, previousId, null, "{}");
  }

  static Event event(
      Event.Type type,
      @Nullable String userId,
      @Nullable String anonymousId,
      @Nullable String previousId,
      @Nullable String name,
      String traits) {
    return event(
        UUID.randomUUID().toString(), type, userId, anonymousId, previousId, name, traits, NOW);
  }

  static Event event(
      String messageId,
      Event.Type type,
      @Nullable String userId,
      @Nullable String anonymousId,
      @Nullable String previousId,
      @Nullable String name,
      String traits,
      Instant at) {
    ObjectNode traitNode = (ObjectNode) Json.parse(traits);
    ObjectNode data = Json.MAPPER.createObjectNode();
    data.put("messageId", messageId).put("type", type.name().toLowerCase(Locale.ROOT));
    data.put("userId", userId).put("anonymousId", anonymousId).put("previousId", previousId);
    data.put(type == Event.Type.TRACK ? "event" : "name", name);
    data.set("traits", traitNode);
    return new Event(
        messageId,
        type,
        userId,
        anonymousId,
        previousId,
        name,
        traitNode,
        at,
        at,
        "test",
        Json.text(data));
  }

  /** The event with another time of happening and arrival. */
  static Event at(Event event, Instant at) {
    return event(
        event.messageId(),
        event.type(),
        event.userId(),
        event.anonymousId(),
        event.previousId(),
        event.name(),
        Json.text(event.traits()),
        at);
  }

  static ProducerRecord<byte[], byte[]> record(
      String topic, @Nullable Integer partition, Event event) {
    ProducerRecord<byte[], byte[]> record =
        new ProducerRecord<>(topic, partition, utf8(event.subject()), utf8(event.data()));
    header(record, "ce_specversion", "1.0");
    header(record, "ce_id", event.messageId());
    header(record, "ce_type", "io.tidegate.event." + event.type().name().toLowerCase(Locale.ROOT));
    header(record, "ce_source", "/sources/" + event.source());
    header(record, "ce_subject", event.subject());
    header(record, "ce_time", event.happenedAt().toString());
    header(record, "ce_receivedat", event.receivedAt().toString());
    return record;
  }

  static void header(ProducerRecord<byte[], byte[]> record, String name, String value) {
    record.headers().remove(name);
    record.headers().add(name, utf8(value));
  }

  static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
