package io.tidegate.ingestion;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.UnsafeByteOperations;
import io.tidegate.proto.ingestion.EventRecord;
import java.io.IOException;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A tracked event's way into a record by Jackson's data binding, with the checks of {@link
 * EventParser}: what it would cost to write it as most would. For one event of one type.
 */
final class BoundEvents {
  private final ObjectMapper mapper =
      JsonMapper.builder()
          .enable(DeserializationFeature.FAIL_ON_READING_DUP_TREE_KEY)
          .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .build();
  private final MessageIds messageIds = new MessageIds();

  BoundEvents() {
    mapper
        .getFactory()
        .setStreamReadConstraints(
            StreamReadConstraints.builder().maxNestingDepth(36).maxNameLength(1_024).build());
  }

  /** By a tree of nodes, which is changed and written again. */
  EventRecord tree(byte[] body, Arrival arrival) throws IOException {
    checkText(body);
    if (!(mapper.readTree(body) instanceof ObjectNode event)) {
      throw new IllegalArgumentException("no object");
    }
    check(text(event, "type"), text(event, "event"));
    String customer = id(text(event, "userId"), text(event, "anonymousId"));
    long time = time(text(event, "timestamp"), arrival);
    String messageId = messageId(text(event, "messageId"), arrival);
    event.put("type", EventKind.TRACK.word());
    event.put("messageId", messageId);
    event.put("timestamp", Timestamps.format(time));
    event.put("receivedAt", arrival.text());
    event.remove("writeKey");
    return written(messageId, customer, time, mapper.writeValueAsBytes(event), arrival);
  }

  /** By a record, whose nested objects are maps. */
  EventRecord bound(byte[] body, Arrival arrival) throws IOException {
    checkText(body);
    Tracked event = mapper.readValue(body, Tracked.class);
    check(event.type, event.event);
    String customer = id(event.userId, event.anonymousId);
    long time = time(event.timestamp, arrival);
    String messageId = messageId(event.messageId, arrival);
    Tracked normal =
        new Tracked(
            EventKind.TRACK.word(),
            messageId,
            event.userId,
            event.anonymousId,
            event.event,
            Timestamps.format(time),
            arrival.text(),
            event.properties,
            event.context,
            event.integrations);
    return written(messageId, customer, time, mapper.writeValueAsBytes(normal), arrival);
  }

  /** What of an event has a name; what else it has is lost. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  private record Tracked(
      @Nullable String type,
      @Nullable String messageId,
      @Nullable String userId,
      @Nullable String anonymousId,
      @Nullable String event,
      @Nullable String timestamp,
      @Nullable String receivedAt,
      @Nullable Map<String, Object> properties,
      @Nullable Map<String, Object> context,
      @Nullable Map<String, Object> integrations) {}

  private static void checkText(byte[] body) {
    if (!UnsafeByteOperations.unsafeWrap(body).isValidUtf8()
        || PostgresText.faultIn(body, 0, body.length, "") != null) {
      throw new IllegalArgumentException("text");
    }
  }

  private static void check(@Nullable String type, @Nullable String event) {
    if ((type != null && EventKind.ofWord(type) != EventKind.TRACK)
        || event == null
        || event.length() > EventReader.MAX_NAME_CHARS) {
      throw new IllegalArgumentException("type or event");
    }
  }

  private static String id(@Nullable String user, @Nullable String anonymous) {
    String customer = user == null ? anonymous : user;
    if (customer == null
        || customer.length() > EventReader.MAX_ID_CHARS
        || !Shown.isPlain(customer)) {
      throw new IllegalArgumentException("userId or anonymousId");
    }
    return customer;
  }

  private static long time(@Nullable String text, Arrival arrival) {
    long time = text == null ? arrival.ms() : Timestamps.parse(text);
    if (time == Timestamps.UNREADABLE) {
      throw new IllegalArgumentException("timestamp");
    }
    return time;
  }

  private String messageId(@Nullable String given, Arrival arrival) {
    return given == null ? messageIds.next(arrival.ms()) : given;
  }

  private static @Nullable String text(ObjectNode event, String name) {
    JsonNode value = event.get(name);
    return value == null || !value.isTextual() ? null : value.textValue();
  }

  private static EventRecord written(
      String messageId, String customer, long time, byte[] data, Arrival arrival) {
    return EventRecord.newBuilder()
        .setMessageId(messageId)
        .setType(EventKind.TRACK.word())
        .setCustomer(customer)
        .setSource(arrival.origin().source())
        .setTimeMs(time)
        .setReceivedMs(arrival.ms())
        .setData(UnsafeByteOperations.unsafeWrap(data))
        .setRequestId(arrival.origin().trace().requestId())
        .setTraceparent(arrival.origin().trace().traceparent())
        .build();
  }
}
