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
  private static final int MAX_NUMBER_CHARS = 400;
  private static final int MAX_EXPONENT = 400;

  private final IngestionConfig config;
  private final Set<String> names = new HashSet<>();
  private int eventDepth;

  EventReader(IngestionConfig config) {
    this.config = config;
  }

  /**
   * @param parser at the event's first token
   * @param fixed the type that the path says; null when the event itself has to
   */
  EventDraft read(JsonParser parser, @Nullable EventKind fixed) throws IOException {
    EventDraft draft = new EventDraft();
    draft.kind = fixed;
    eventDepth = parser.getParsingContext().getNestingDepth();
    if (parser.currentToken() != JsonToken.START_OBJECT) {
      fault(draft, "event", describe(parser), "an object");
      pass(parser);
      return draft;
    }
    int start = tokenStart(parser);
    names.clear();
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String name = parser.currentName();
      int nameStart = tokenStart(parser);
      parser.nextToken();
      if (!names.add(name)) {
        fault(draft, Shown.text(name), "a second time", "each field once");
      }
      member(parser, draft, name, nameStart, fixed);
    }
    int bytes = end(parser) - start;
    if (bytes > config.maxEventBytes()) {
      draft.fault = Failure.PAYLOAD_TOO_LARGE.because(tooLarge("event", bytes));
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
        draft.timestampStart = tokenStart(parser);
        draft.timestamp = time(parser, draft, name);
        draft.timestampEnd = end(parser);
      }
      case "originalTimestamp" -> {
        int valueStart = tokenStart(parser);
        draft.originalTimestamp = time(parser, draft, name);
        if (!isNull) {
          draft.keep(nameStart, valueStart, end(parser), false);
        }
      }
      case "sentAt" -> {
        int valueStart = tokenStart(parser);
        draft.sentAt = time(parser, draft, name);
        if (!isNull) {
          draft.keep(nameStart, valueStart, end(parser), false);
        }
      }
      case "context" -> draft.context = object(parser, draft, name);
      case "integrations" -> draft.integrations = object(parser, draft, name);
      case "properties", "traits" -> {
        int valueStart = tokenStart(parser);
        if (parser.currentToken() != JsonToken.START_OBJECT && !isNull) {
          fault(draft, name, describe(parser), "an object");
        }
        pass(parser);
        if (!isNull) {
          draft.keep(nameStart, valueStart, end(parser), false);
        }
      }
      case "receivedAt", "writeKey" -> pass(parser);
      default -> {
        int valueStart = tokenStart(parser);
        pass(parser);
        draft.keep(nameStart, valueStart, end(parser), false);
      }
    }
  }

  private void type(JsonParser parser, EventDraft draft, @Nullable EventKind fixed)
      throws IOException {
    EventKind kind =
        parser.currentToken() == JsonToken.VALUE_STRING ? EventKind.ofWord(parser.getText()) : null;
    if (fixed != null) {
      if (kind != fixed && parser.currentToken() != JsonToken.VALUE_NULL) {
        fault(draft, "type", describe(parser), fixed.word() + ", as the path says");
      }
    } else if (kind == null || kind == EventKind.BATCH) {
      fault(draft, "type", describe(parser), Requirements.TYPES);
    } else {
      draft.kind = kind;
    }
    pass(parser);
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
      fault(draft, name, describe(parser), "a string or an integer");
      pass(parser);
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
    draft.keep(nameStart, tokenStart(parser), end(parser), token == JsonToken.VALUE_NUMBER_INT);
    return id;
  }

  private @Nullable String name(JsonParser parser, EventDraft draft, String field, int nameStart)
      throws IOException {
    JsonToken token = parser.currentToken();
    if (token == JsonToken.VALUE_NULL) {
      return null;
    }
    if (token != JsonToken.VALUE_STRING) {
      fault(draft, field, describe(parser), "a string");
      pass(parser);
      return "";
    }
    String text = parser.getText();
    if (text.length() > MAX_NAME_CHARS) {
      fault(draft, field, text.length() + " characters", "at most " + MAX_NAME_CHARS);
    }
    draft.keep(nameStart, tokenStart(parser), end(parser), false);
    return text.isEmpty() ? null : text;
  }

  private long time(JsonParser parser, EventDraft draft, String name) throws IOException {
    if (parser.currentToken() == JsonToken.VALUE_NULL) {
      return EventDraft.ABSENT;
    }
    long time = time(parser);
    if (time == Timestamps.UNREADABLE) {
      fault(draft, name, describe(parser), Timestamps.EXPECTED);
      pass(parser);
      return EventDraft.ABSENT;
    }
    return time;
  }

  /** The time stamp at hand, or {@link Timestamps#UNREADABLE}. */
  static long time(JsonParser parser) throws IOException {
    return parser.currentToken() == JsonToken.VALUE_STRING && parser.getTextLength() <= 40
        ? Timestamps.parse(parser.getText())
        : Timestamps.UNREADABLE;
  }

  private @Nullable ObjectSlice object(JsonParser parser, EventDraft draft, String name)
      throws IOException {
    if (parser.currentToken() == JsonToken.START_OBJECT) {
      return object(parser);
    }
    if (parser.currentToken() != JsonToken.VALUE_NULL) {
      fault(draft, name, describe(parser), "an object");
    }
    pass(parser);
    return null;
  }

  /** Passes over the object at hand and tells where its members lie. */
  ObjectSlice object(JsonParser parser) throws IOException {
    ObjectSlice slice = new ObjectSlice(tokenStart(parser));
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String name = parser.currentName();
      int start = tokenStart(parser);
      parser.nextToken();
      pass(parser);
      slice.member(name, start, end(parser));
    }
    slice.end = end(parser);
    return slice;
  }

  /** Forgets the last event: what is passed over now belongs to the batch. */
  void outside() {
    eventDepth = 1;
  }

  /** Passes over the value at hand. */
  void pass(JsonParser parser) throws IOException {
    int depth = 0;
    JsonToken token = parser.currentToken();
    while (true) {
      switch (token) {
        case START_OBJECT, START_ARRAY -> {
          depth++;
          int deep = parser.getParsingContext().getNestingDepth() - eventDepth + 1;
          if (deep > config.maxJsonDepth()) {
            throw Failure.INVALID_EVENT.because(
                "depth: " + deep + " (expected: at most " + config.maxJsonDepth() + ")");
          }
        }
        case END_OBJECT, END_ARRAY -> depth--;
        case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> number(parser, token);
        default -> {}
      }
      if (depth == 0) {
        return;
      }
      token = parser.nextToken();
    }
  }

  /** Numbers that readers of the log could not hold stop here. */
  private static void number(JsonParser parser, JsonToken token) throws IOException {
    if (parser.getTextLength() > MAX_NUMBER_CHARS
        || (token == JsonToken.VALUE_NUMBER_FLOAT && exponent(parser) > MAX_EXPONENT)) {
      throw Failure.INVALID_EVENT.because(
          "number: "
              + Shown.text(parser.getText())
              + " (expected: at most "
              + MAX_NUMBER_CHARS
              + " digits and an exponent of at most "
              + MAX_EXPONENT
              + ")");
    }
  }

  /**
   * How far the exponent of the number at hand is from 0; anything beyond the most allowed when it
   * is.
   */
  private static int exponent(JsonParser parser) throws IOException {
    char[] text = parser.getTextCharacters();
    int end = parser.getTextOffset() + parser.getTextLength();
    int at = parser.getTextOffset();
    while (at < end && text[at] != 'e' && text[at] != 'E') {
      at++;
    }
    int exponent = 0;
    for (at++; at < end && exponent <= MAX_EXPONENT; at++) {
      if (text[at] >= '0' && text[at] <= '9') {
        exponent = exponent * 10 + (text[at] - '0');
      }
    }
    return exponent;
  }

  private static void fault(EventDraft draft, String field, String value, String expected) {
    if (draft.fault == null) {
      draft.fault =
          Failure.INVALID_EVENT.because(field + ": " + value + " (expected: " + expected + ")");
    }
  }

  static String describe(JsonParser parser) throws IOException {
    return switch (parser.currentToken()) {
      case START_OBJECT -> "an object";
      case START_ARRAY -> "an array";
      case VALUE_STRING -> '"' + Shown.text(parser.getText()) + '"';
      default -> Shown.text(parser.getText());
    };
  }

  static int tokenStart(JsonParser parser) {
    return (int) parser.currentTokenLocation().getByteOffset();
  }

  /** Behind the token at hand, whose text may not have been looked at yet. */
  static int end(JsonParser parser) throws IOException {
    parser.finishToken();
    return (int) parser.currentLocation().getByteOffset();
  }
}
