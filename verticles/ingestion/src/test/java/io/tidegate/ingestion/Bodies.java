package io.tidegate.ingestion;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidegate.bus.FailureException;
import io.tidegate.bus.Trace;
import io.tidegate.proto.ingestion.EventRecord;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.List;

/** Bodies for tests, parsed at one fixed time. */
final class Bodies {
  static final String NOW = "2026-01-31T08:00:00.000Z";
  static final long NOW_MS = Instant.parse(NOW).toEpochMilli();
  static final Origin ORIGIN =
      new Origin(
          "web", new Trace("req-1", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"));
  static final Arrival ARRIVAL = new Arrival(NOW_MS, ORIGIN);
  private static final ObjectMapper mapper = new ObjectMapper();

  private final EventParser parser;

  Bodies(String... config) {
    parser = new EventParser(TestConfig.of(config));
  }

  List<EventRecord> parse(EventKind kind, byte[] body) {
    return parser.parse(kind, body, ARRIVAL);
  }

  List<EventRecord> parse(EventKind kind, String body) {
    return parse(kind, body.getBytes(UTF_8));
  }

  EventRecord one(EventKind kind, String body) {
    return parse(kind, body).getFirst();
  }

  FailureException refused(EventKind kind, byte[] body) {
    return catchThrowableOfType(FailureException.class, () -> parse(kind, body));
  }

  FailureException refused(EventKind kind, String body) {
    return refused(kind, body.getBytes(UTF_8));
  }

  static ObjectNode json(EventRecord record) {
    return (ObjectNode) tree(record.getData().toByteArray());
  }

  static JsonNode tree(byte[] json) {
    try {
      return mapper.readTree(json);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static JsonNode tree(String json) {
    return tree(json.getBytes(UTF_8));
  }
}
