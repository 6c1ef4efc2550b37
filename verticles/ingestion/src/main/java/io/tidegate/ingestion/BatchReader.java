package io.tidegate.ingestion;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.tidegate.bus.Failure;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads one batch: its events' drafts, and what it says about all of them. */
final class BatchReader {
  static final int NOWHERE = -1;

  private final IngestionConfig config;
  private final EventReader reader;
  private final Values values;
  private final BatchFaults faults;
  private final List<EventDraft> drafts = new ArrayList<>();
  private final Envelope envelope = new Envelope();
  private final Set<String> names = new HashSet<>();
  private int index = NOWHERE;

  BatchReader(IngestionConfig config, EventReader reader, Values values, BatchFaults faults) {
    this.config = config;
    this.reader = reader;
    this.values = values;
    this.faults = faults;
  }

  List<EventDraft> drafts() {
    return drafts;
  }

  Envelope envelope() {
    return envelope;
  }

  /** The place of the event that is being read; {@link #NOWHERE} outside of them. */
  int index() {
    return index;
  }

  /**
   * @param parser at the start of the body's object
   */
  void read(JsonParser parser, byte[] body) throws IOException {
    values.countFrom(1);
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String name = parser.currentName();
      parser.nextToken();
      if (!names.add(name)) {
        throw invalid(Shown.text(name), "a second time", "each field once");
      }
      switch (name) {
        case "batch" -> events(parser, body);
        case "sentAt" -> sentAt(parser);
        case "context" -> envelope.context = object(parser, body, name);
        case "integrations" -> envelope.integrations = object(parser, body, name);
        default -> values.pass(parser);
      }
    }
    if (drafts.isEmpty()) {
      throw invalid(
          "batch",
          names.contains("batch") ? "[]" : "missing",
          "1 to " + config.maxBatchEvents() + " events");
    }
  }

  private void events(JsonParser parser, byte[] body) throws IOException {
    if (parser.currentToken() != JsonToken.START_ARRAY) {
      throw invalid("batch", Values.describe(parser), "an array of events");
    }
    for (index = 0; parser.nextToken() != JsonToken.END_ARRAY; index++) {
      if (index == config.maxBatchEvents()) {
        index = NOWHERE;
        throw Failure.PAYLOAD_TOO_LARGE.because(
            "batch: more events (expected: at most " + config.maxBatchEvents() + ")");
      }
      EventDraft draft = reader.read(parser, body, null);
      drafts.add(draft);
      if (draft.fault != null) {
        faults.add(index, draft.fault);
      }
    }
    index = NOWHERE;
    values.countFrom(1);
  }

  private void sentAt(JsonParser parser) throws IOException {
    if (parser.currentToken() == JsonToken.VALUE_NULL) {
      return;
    }
    envelope.sentAt = Values.time(parser);
    if (envelope.sentAt == Timestamps.UNREADABLE) {
      throw invalid("sentAt", Values.describe(parser), Timestamps.EXPECTED);
    }
    envelope.sentAtStart = Values.start(parser);
    envelope.sentAtEnd = Values.end(parser);
  }

  private @Nullable ObjectSlice object(JsonParser parser, byte[] body, String name)
      throws IOException {
    if (parser.currentToken() == JsonToken.VALUE_NULL) {
      return null;
    }
    if (parser.currentToken() != JsonToken.START_OBJECT) {
      throw invalid(name, Values.describe(parser), "an object");
    }
    ObjectSlice object = values.object(parser);
    int bytes = object.end - object.start;
    // Every event gets it, and no event may be larger.
    if (bytes > config.maxEventBytes()) {
      throw Failure.PAYLOAD_TOO_LARGE.because(
          name + ": " + bytes + " bytes (expected: at most " + config.maxEventBytes() + ")");
    }
    String unkept = PostgresText.faultIn(body, object.start, object.end, name);
    if (unkept != null) {
      throw Failure.INVALID_EVENT.because(unkept + EventReader.KEPT);
    }
    return object;
  }

  private static RuntimeException invalid(String field, String value, String expected) {
    return Failure.INVALID_EVENT.because(field + ": " + value + " (expected: " + expected + ")");
  }
}
