package io.tidegate.profile;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Makes a profile's JSON, the one place that does. Traits and counts go through as Postgres prints
 * them, since a jsonb value is valid JSON already.
 */
final class ProfileEncoder {
  private static final JsonFactory JSON = new JsonFactory();

  private ProfileEncoder() {}

  static byte[] encode(CustomerRow row) {
    ByteArrayOutputStream bytes =
        new ByteArrayOutputStream(320 + row.traits().length() + row.counts().length());
    try (JsonGenerator json = JSON.createGenerator(bytes)) {
      json.writeStartObject();
      json.writeStringField("id", row.id());
      object(json, "traits", row.traits());
      strings(json, "anonymousIds", row.anonymousIds());
      object(json, "counts", row.counts());
      json.writeNumberField("purchases", row.purchases());
      json.writeNumberField("interactions", row.interactions());
      time(json, "firstSeen", row.firstSeen());
      time(json, "lastSeen", row.lastSeen());
      strings(json, "tags", row.tags());
      json.writeNumberField("version", row.version());
      json.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException("writing to memory", e);
    }
    return bytes.toByteArray();
  }

  /** A jsonb column may hold any JSON; what is no object is shown as an empty one. */
  private static void object(JsonGenerator json, String name, String raw) throws IOException {
    json.writeFieldName(name);
    json.writeRawValue(raw.startsWith("{") ? raw : "{}");
  }

  private static void strings(JsonGenerator json, String name, List<String> values)
      throws IOException {
    json.writeArrayFieldStart(name);
    for (String value : values) {
      json.writeString(value);
    }
    json.writeEndArray();
  }

  private static void time(JsonGenerator json, String name, @Nullable Instant time)
      throws IOException {
    if (time == null) {
      json.writeNullField(name);
    } else {
      json.writeStringField(name, time.truncatedTo(ChronoUnit.MILLIS).toString());
    }
  }
}
