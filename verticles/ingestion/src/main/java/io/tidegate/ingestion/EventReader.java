package io.tidegate.ingestion;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.tidegate.bus.Failure;
import java.io.IOException;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads one event after another from a JSON stream and checks its shape. What is wrong with an
 * event is noted in its draft and the stream goes on behind it, so that a batch can tell of
 * several; only broken or too deep JSON throws.
 *
 * <p>A member's value that the checks don't need is passed over and later copied as it came:
 * numbers keep their digits.
 */
final class EventReader {
  static final int MAX_ID_CHARS = 256;
  static final int MAX_NAME_CHARS = 200;
  static final String KEPT = " (expected: text that Postgres can keep)";

  private final IngestionConfig config;
  private final Values values;
  private final Set<String> names = new HashSet<>();

  EventReader(IngestionConfig config, Values values) {
    this.config = config;
    this.values = values;
  }

  /**
   * @param parser at the event's first token
   * @param body what the parser reads
   * @param fixed the type that the path says; null when the event itself has to
   */
  EventDraft read(JsonParser parser, byte[] body, @Nullable EventKind fixed) throws IOException {
    EventDraft draft = new EventDraft();
    draft.kind = fixed;
    values.countFrom(parser.getParsingContext().getNestingDepth());
    if (parser.currentToken() != JsonToken.START_OBJECT) {
      fault(draft, "event", Values.describe(parser), "an object");
      values.pass(parser);
      return draft;
    }
    int start = Values.start(parser);
    names.clear();
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String name = parser.currentName();
      int nameStart = Values.start(parser);
      parser.nextToken();
      if (!names.add(name)) {
        fault(draft, Shown.text(name), "a second time", "each field once");
      }
      member(parser, draft, name, nameStart, fixed);
    }
    int end = Values.end(parser);
    if (end - start > config.maxEventBytes()) {
      draft.fault = Failure.PAYLOAD_TOO_LARGE.because(tooLarge("event", end - start));
    }
    if (draft.fault == null) {
      String unkept = PostgresText.faultIn(body, start, end, "");
      if (unkept != null) {
        draft.fault = Failure.INVALID_EVENT.because(unkept + KEPT);
      }
    }
    Requirements.check(draft);
    return draft;
  }

  private String tooLarge(String what, int bytes) {
    return what + ": " + bytes + " bytes (expected: at most " + config.maxEventBytes() + ")";
  }

  private void member(
      JsonParser parser, EventDraft draft, String name, int nameStart, @Nullable EventKind fixed)
      throws IOException {
    boolean isNull = parser.currentToken() == JsonToken.VALUE_NULL;
    switch (name) {
      case "type" -> type(parser, draft, fixed);
      case "messageId" -> draft.messageId = id(parser, draft, name, nameStart);
      case "userId" -> draft.userId = id(parser, draft, name, nameStart);
      case "anonymousId" -> draft.anonymousId = id(parser, draft, name, nameStart);
      case "previousId" -> draft.previousId = id(parser, draft, name, nameStart);
      case "groupId" -> draft.groupId = id(parser, draft, name, nameStart);
      case "event" -> draft.event = name(parser, draft, name, nameStart);
      case "name" -> name(parser, draft, name, nameStart);
      case "timestamp" -> {
        draft.timestampStart = Values.start(parser);
        draft.timestamp = time(parser, draft, name);
        draft.timestampEnd = Values.end(parser);
      }
      case "originalTimestamp" -> {
        int valueStart = Values.start(parser);
        draft.originalTimestamp = time(parser, draft, name);
        if (!isNull) {
          draft.keep(nameStart, valueStart, Values.end(parser), false);
        }
      }
      case "sentAt" -> {
        int valueStart = Values.start(parser);
        draft.sentAt = time(parser, draft, name);
        if (!isNull) {
          draft.keep(nameStart, valueStart, Values.end(parser), false);
        }
      }
      case "context" -> draft.context = object(parser, draft, name);
      case "integrations" -> draft.integrations = object(parser, draft, name);
      case "properties", "traits" -> {
        int valueStart = Values.start(parser);
        if (parser.currentToken() != JsonToken.START_OBJECT && !isNull) {
          fault(draft, name, Values.describe(parser), "an object");
        }
        values.pass(parser);
        if (!isNull) {
          draft.keep(nameStart, valueStart, Values.end(parser), false);
        }
      }
      case "receivedAt", "writeKey" -> values.pass(parser);
      default -> {
        int valueStart = Values.start(parser);
        values.pass(parser);
        draft.keep(nameStart, valueStart, Values.end(parser), false);
      }
    }
  }

  private void type(JsonParser parser, EventDraft draft, @Nullable EventKind fixed)
      throws IOException {
    EventKind kind =
        parser.currentToken() == JsonToken.VALUE_STRING ? EventKind.ofWord(parser.getText()) : null;
    if (fixed != null) {
      if (kind != fixed && parser.currentToken() != JsonToken.VALUE_NULL) {
        fault(draft, "type", Values.describe(parser), fixed.word() + ", as the path says");
      }
    } else if (kind == null || kind == EventKind.BATCH) {
      fault(draft, "type", Values.describe(parser), Requirements.TYPES);
    } else {
      draft.kind = kind;
    }
    values.pass(parser);
  }

  /**
   * A string or an integer, which becomes a string. Null and "" are as good as nothing: some SDKs
   * send them.
   */
  private @Nullable String id(JsonParser parser, EventDraft draft, String name, int nameStart)
      throws IOException {
    JsonToken token = parser.currentToken();
    if (token == JsonToken.VALUE_NULL) {
      return null;
    }
    if (token != JsonToken.VALUE_STRING && token != JsonToken.VALUE_NUMBER_INT) {
      fault(draft, name, Values.describe(parser), "a string or an integer");
      values.pass(parser);
      return "";
    }
    String id = parser.getText();
    if (id.isEmpty()) {
      return null;
    }
    if (id.length() > MAX_ID_CHARS) {
      fault(draft, name, id.length() + " characters", "at most " + MAX_ID_CHARS);
    } else if (!Shown.isPlain(id)) {
      fault(draft, name, Shown.text(id), "no control characters, no half surrogate pairs");
    }
    draft.keep(
        nameStart, Values.start(parser), Values.end(parser), token == JsonToken.VALUE_NUMBER_INT);
    return id;
  }

  private @Nullable String name(JsonParser parser, EventDraft draft, String field, int nameStart)
      throws IOException {
    JsonToken token = parser.currentToken();
    if (token == JsonToken.VALUE_NULL) {
      return null;
    }
    if (token != JsonToken.VALUE_STRING) {
      fault(draft, field, Values.describe(parser), "a string");
      values.pass(parser);
      return "";
    }
    String text = parser.getText();
    if (text.length() > MAX_NAME_CHARS) {
      fault(draft, field, text.length() + " characters", "at most " + MAX_NAME_CHARS);
    }
    draft.keep(nameStart, Values.start(parser), Values.end(parser), false);
    return text.isEmpty() ? null : text;
  }

  private long time(JsonParser parser, EventDraft draft, String name) throws IOException {
    if (parser.currentToken() == JsonToken.VALUE_NULL) {
      return EventDraft.ABSENT;
    }
    long time = Values.time(parser);
    if (time == Timestamps.UNREADABLE) {
      fault(draft, name, Values.describe(parser), Timestamps.EXPECTED);
      values.pass(parser);
      return EventDraft.ABSENT;
    }
    return time;
  }

  private @Nullable ObjectSlice object(JsonParser parser, EventDraft draft, String name)
      throws IOException {
    if (parser.currentToken() == JsonToken.START_OBJECT) {
      return values.object(parser);
    }
    if (parser.currentToken() != JsonToken.VALUE_NULL) {
      fault(draft, name, Values.describe(parser), "an object");
    }
    values.pass(parser);
    return null;
  }

  private static void fault(EventDraft draft, String field, String value, String expected) {
    if (draft.fault == null) {
      draft.fault =
          Failure.INVALID_EVENT.because(field + ": " + value + " (expected: " + expected + ")");
    }
  }
}
