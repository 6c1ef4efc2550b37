package io.tidegate.ingestion;

import io.tidegate.bus.Failure;
import io.tidegate.proto.ingestion.EventRecord;
import org.jspecify.annotations.Nullable;

/** Makes the record that goes to the log from what one event and its batch say. */
final class EventWriter {
  private static final long LATEST_AHEAD_MS = 24 * 3_600_000L;
  private static final long EARLIEST_MS = 946_684_800_000L; // 2000-01-01T00:00:00Z

  private final JsonBytes json = new JsonBytes();
  private final MessageIds messageIds = new MessageIds();

  /**
   * @throws io.tidegate.bus.FailureException {@link Failure#INVALID_EVENT} when it happened at no
   *     sensible time
   */
  EventRecord write(EventDraft draft, byte[] body, Envelope envelope, Arrival arrival) {
    EventKind kind = draft.kind;
    if (kind == null) {
      throw new IllegalStateException("an event without a type passed the check");
    }
    long time = time(draft, envelope, arrival.ms());
    json.clear();
    json.add("{\"type\":\"").add(kind.word());
    String messageId = draft.messageId;
    if (messageId == null) {
      messageId = messageIds.next(arrival.ms());
      json.add("\",\"messageId\":\"").add(messageId);
    }
    String timeText = time == arrival.ms() ? arrival.text() : Timestamps.format(time);
    json.add("\",\"timestamp\":\"").add(timeText);
    json.add("\",\"receivedAt\":\"").add(arrival.text()).add('"');
    if (draft.timestamp != EventDraft.ABSENT
        && draft.timestamp != time
        && draft.originalTimestamp == EventDraft.ABSENT) {
      json.add(",\"originalTimestamp\":").add(body, draft.timestampStart, draft.timestampEnd);
    }
    if (draft.sentAt == EventDraft.ABSENT && envelope.sentAt != EventDraft.ABSENT) {
      json.add(",\"sentAt\":").add(body, envelope.sentAtStart, envelope.sentAtEnd);
    }
    draft.writeKept(body, json);
    merge("context", draft.context, envelope.context, body);
    merge("integrations", draft.integrations, envelope.integrations, body);
    json.add('}');
    return EventRecord.newBuilder()
        .setMessageId(messageId)
        .setType(kind.word())
        .setCustomer(draft.customer())
        .setSource(arrival.origin().source())
        .setTimeMs(time)
        .setReceivedMs(arrival.ms())
        .setData(json.toByteString())
        .setRequestId(arrival.origin().trace().requestId())
        .setTraceparent(arrival.origin().trace().traceparent())
        .build();
  }

  private void merge(
      String name, @Nullable ObjectSlice own, @Nullable ObjectSlice under, byte[] body) {
    ObjectSlice only = own == null ? under : own;
    if (only == null) {
      return;
    }
    json.add(",\"").add(name).add("\":");
    if (own != null && under != null) {
      own.write(body, json, under);
    } else {
      json.add(body, only.start, only.end);
    }
  }

  /**
   * When it happened by our clock: Segment's {@code receivedAt - (sentAt - originalTimestamp)}
   * where the sender told both and the outcome makes sense, else the time it gave, else now.
   */
  private static long time(EventDraft draft, Envelope envelope, long receivedMs) {
    long original = first(draft.originalTimestamp, draft.timestamp);
    long sentAt = first(draft.sentAt, envelope.sentAt);
    if (original != EventDraft.ABSENT && sentAt != EventDraft.ABSENT && sentAt >= original) {
      long corrected = receivedMs - (sentAt - original);
      if (isSane(corrected, receivedMs)) {
        return corrected;
      }
    }
    long given = first(draft.timestamp, original);
    if (given == EventDraft.ABSENT) {
      return receivedMs;
    }
    if (!isSane(given, receivedMs)) {
      throw Failure.INVALID_EVENT.because(
          "timestamp: "
              + Timestamps.format(given)
              + " (expected: from 2000 on, at most 24 h ahead of "
              + Timestamps.format(receivedMs)
              + ")");
    }
    return given;
  }

  private static long first(long one, long other) {
    return one == EventDraft.ABSENT ? other : one;
  }

  private static boolean isSane(long ms, long receivedMs) {
    return ms >= EARLIEST_MS && ms <= receivedMs + LATEST_AHEAD_MS;
  }
}
