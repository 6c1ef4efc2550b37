package io.tidegate.ingestion;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.google.protobuf.UnsafeByteOperations;
import io.tidegate.bus.Failure;
import io.tidegate.bus.FailureException;
import io.tidegate.proto.ingestion.EventRecord;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads request bodies of the tracking API into records for the log, all or none. Not safe for
 * several threads: it uses its buffers again.
 *
 * <p>Fields named twice are refused in an event and around a batch; deeper down the reader's last
 * one wins, as in Postgres' jsonb.
 */
final class EventParser {
  static final int MAX_KEY_BYTES = 1_024;

  /**
   * Beyond this, a batch's context times its events is more than a caller may make of a small body.
   */
  private static final int MAX_GROWTH = 4;

  private final IngestionConfig config;
  private final JsonFactory json;
  private final Values values;
  private final EventReader reader;
  private final EventWriter writer = new EventWriter();

  EventParser(IngestionConfig config) {
    this.config = config;
    this.values = new Values(config.maxJsonDepth());
    this.reader = new EventReader(config, values);
    // Senders choose the keys: interning them would fill the JVM's table for good. The depth is the
    // reader's to check;
    // a batch adds two to it.
    this.json =
        JsonFactory.builder()
            .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
            .streamReadConstraints(
                StreamReadConstraints.builder()
                    .maxNestingDepth(config.maxJsonDepth() + 4)
                    .maxNameLength(MAX_KEY_BYTES)
                    .build())
            .build();
  }

  /** The events of a body, at least one. */
  List<EventRecord> parse(EventKind kind, byte[] body, Arrival arrival) {
    int limit = kind == EventKind.BATCH ? config.maxBatchBytes() : config.maxEventBytes();
    if (body.length > limit) {
      throw Failure.PAYLOAD_TOO_LARGE.because(
          "body: " + body.length + " bytes (expected: at most " + limit + ")");
    }
    return kind == EventKind.BATCH ? batch(body, arrival) : List.of(parseOne(kind, body, arrival));
  }

  /**
   * One event that is a body of its own.
   *
   * @param kind null when the event has to say its type itself
   */
  EventRecord parseOne(@Nullable EventKind kind, byte[] body, Arrival arrival) {
    try (JsonParser parser = open(body)) {
      EventDraft draft = reader.read(parser, body, kind);
      close(parser);
      if (draft.fault != null) {
        throw draft.fault;
      }
      return writer.write(draft, body, new Envelope(), arrival);
    } catch (IOException e) {
      throw notJson(e);
    }
  }

  private List<EventRecord> batch(byte[] body, Arrival arrival) {
    BatchFaults faults = new BatchFaults();
    BatchReader batch = new BatchReader(config, reader, values, faults);
    try (JsonParser parser = open(body)) {
      batch.read(parser, body);
      close(parser);
    } catch (IOException e) {
      faults.end(batch.index(), notJson(e));
    } catch (FailureException e) {
      faults.end(batch.index(), e);
    }
    faults.throwIfAny();
    List<EventRecord> records = new ArrayList<>(batch.drafts().size());
    long bytes = 0;
    for (int i = 0; i < batch.drafts().size(); i++) {
      try {
        EventRecord record = writer.write(batch.drafts().get(i), body, batch.envelope(), arrival);
        bytes += record.getData().size();
        records.add(record);
      } catch (FailureException e) {
        faults.add(i, e);
      }
      if (bytes > (long) MAX_GROWTH * config.maxBatchBytes()) {
        throw Failure.PAYLOAD_TOO_LARGE.because(
            "context: merged into every event it makes more than "
                + MAX_GROWTH * (long) config.maxBatchBytes()
                + " bytes (expected: less)");
      }
    }
    faults.throwIfAny();
    return records;
  }

  /** A parser at the first token of what is surely UTF-8. */
  private JsonParser open(byte[] body) throws IOException {
    if (!UnsafeByteOperations.unsafeWrap(body).isValidUtf8()) {
      throw Failure.BAD_REQUEST.because("body: not UTF-8 (expected: JSON in UTF-8)");
    }
    // Jackson would take zero bytes up front for UTF-16 or UTF-32.
    for (int i = 0; i < Math.min(4, body.length); i++) {
      if (body[i] == 0) {
        throw Failure.BAD_REQUEST.because("body: a zero byte at " + i + " (expected: JSON)");
      }
    }
    JsonParser parser = json.createParser(body);
    if (parser.nextToken() != JsonToken.START_OBJECT) {
      String found = parser.currentToken() == null ? "empty" : Values.describe(parser);
      throw Failure.BAD_REQUEST.because("body: " + found + " (expected: a JSON object)");
    }
    return parser;
  }

  private static void close(JsonParser parser) throws IOException {
    if (parser.nextToken() != null) {
      throw Failure.BAD_REQUEST.because(
          "body: more after the object, at byte " + Values.start(parser) + " (expected: its end)");
    }
  }

  private static FailureException notJson(IOException e) {
    if (e instanceof StreamConstraintsException) {
      return Failure.INVALID_EVENT.because(
          "key or depth: too long or too deep (expected: keys of at most "
              + MAX_KEY_BYTES
              + " bytes)");
    }
    if (e instanceof JsonProcessingException broken) {
      String where =
          broken.getLocation() == null ? "" : " at byte " + broken.getLocation().getByteOffset();
      return Failure.BAD_REQUEST.because(
          "body: broken" + where + " (expected: JSON): " + Shown.text(broken.getOriginalMessage()));
    }
    throw new UncheckedIOException("reading from memory", e);
  }
}
