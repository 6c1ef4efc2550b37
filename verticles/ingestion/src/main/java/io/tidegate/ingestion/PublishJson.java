package io.tidegate.ingestion;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.google.protobuf.Struct;
import com.google.protobuf.Timestamp;
import com.google.protobuf.Value;
import io.tidegate.bus.Failure;
import io.tidegate.proto.ingestion.PublishRequest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;

/**
 * The gRPC service's events as the JSON that the tracking API would have carried, so that one set
 * of rules does.
 */
final class PublishJson {
  private static final JsonFactory json = new JsonFactory();
  private static final double EXACT = 9_007_199_254_740_992.0; // 2^53
  private static final long FIRST_SECOND = -62_135_596_800L; // year 1
  private static final long LAST_SECOND = 253_402_300_799L; // year 9999

  private PublishJson() {}

  static byte[] of(PublishRequest event) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(512);
    try (JsonGenerator generator = json.createGenerator(out)) {
      generator.writeStartObject();
      text(generator, "type", event.getType());
      text(generator, "messageId", event.getMessageId());
      text(generator, "userId", event.getUserId());
      text(generator, "anonymousId", event.getAnonymousId());
      text(generator, "previousId", event.getPreviousId());
      text(generator, "groupId", event.getGroupId());
      text(generator, "event", event.getEvent());
      text(generator, "name", event.getName());
      if (event.hasTimestamp()) {
        generator.writeStringField("timestamp", time("timestamp", event.getTimestamp()));
      }
      if (event.hasSentAt()) {
        generator.writeStringField("sentAt", time("sentAt", event.getSentAt()));
      }
      if (event.hasProperties()) {
        struct(generator, "properties", event.getProperties());
      }
      if (event.hasTraits()) {
        struct(generator, "traits", event.getTraits());
      }
      if (event.hasContext()) {
        struct(generator, "context", event.getContext());
      }
      generator.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException("writing to memory", e);
    }
    return out.toByteArray();
  }

  private static void text(JsonGenerator generator, String name, String value) throws IOException {
    if (!value.isEmpty()) {
      generator.writeStringField(name, value);
    }
  }

  private static String time(String field, Timestamp time) {
    if (time.getSeconds() < FIRST_SECOND
        || time.getSeconds() > LAST_SECOND
        || time.getNanos() < 0
        || time.getNanos() > 999_999_999) {
      throw Failure.INVALID_EVENT.because(
          field
              + ": "
              + time.getSeconds()
              + " s "
              + time.getNanos()
              + " ns (expected: the years 1 to 9999)");
    }
    return Timestamps.format(time.getSeconds() * 1_000 + time.getNanos() / 1_000_000);
  }

  private static void struct(JsonGenerator generator, String name, Struct struct)
      throws IOException {
    generator.writeFieldName(name);
    struct(generator, struct);
  }

  private static void struct(JsonGenerator generator, Struct struct) throws IOException {
    generator.writeStartObject();
    for (Map.Entry<String, Value> field : struct.getFieldsMap().entrySet()) {
      generator.writeFieldName(field.getKey());
      value(generator, field.getValue());
    }
    generator.writeEndObject();
  }

  private static void value(JsonGenerator generator, Value value) throws IOException {
    switch (value.getKindCase()) {
      case STRING_VALUE -> generator.writeString(value.getStringValue());
      case NUMBER_VALUE -> number(generator, value.getNumberValue());
      case BOOL_VALUE -> generator.writeBoolean(value.getBoolValue());
      case STRUCT_VALUE -> struct(generator, value.getStructValue());
      case LIST_VALUE -> {
        generator.writeStartArray();
        for (Value item : value.getListValue().getValuesList()) {
          value(generator, item);
        }
        generator.writeEndArray();
      }
      case NULL_VALUE, KIND_NOT_SET -> generator.writeNull();
    }
  }

  /** Whole numbers as such: 3, not 3.0. */
  private static void number(JsonGenerator generator, double number) throws IOException {
    if (!Double.isFinite(number)) {
      throw Failure.INVALID_EVENT.because("number: " + number + " (expected: a finite one)");
    }
    if (number == Math.rint(number) && Math.abs(number) <= EXACT) {
      generator.writeNumber((long) number);
    } else {
      generator.writeNumber(number);
    }
  }
}
