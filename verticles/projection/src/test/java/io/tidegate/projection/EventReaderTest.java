package io.tidegate.projection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.util.Random;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EventReaderTest {
  private static ConsumerRecord<byte[], byte[]> consumed(
      ProducerRecord<byte[], byte[]> produced, byte[] value) {
    return new ConsumerRecord<>(
        "t",
        0,
        7,
        0,
        TimestampType.CREATE_TIME,
        0,
        0,
        produced.key(),
        value,
        new RecordHeaders(produced.headers()),
        java.util.Optional.empty());
  }

  private static Event read(ProducerRecord<byte[], byte[]> produced) throws Exception {
    return EventReader.read(consumed(produced, produced.value()));
  }

  private static Event read(Event.Type type, String json) throws Exception {
    ProducerRecord<byte[], byte[]> like =
        Events.record("t", null, Events.event(type, "u", null, "p", "x", "{}"));
    return EventReader.read(consumed(like, Events.utf8(json)));
  }

  @Test
  void readsWhatIngestionWrites() throws Exception {
    Event sent =
        Events.identify("u", "a", "{\"n\":0.10,\"deep\":{\"x\":[1,\"\u00e9\ud83d\ude00\"]}}");
    assertThat(read(Events.record("t", null, sent))).isEqualTo(sent);
    Event tracked = Events.track(null, "a", "Product Viewed");
    assertThat(read(Events.record("t", null, tracked)).name()).isEqualTo("Product Viewed");
  }

  @Test
  void takesTimesFromTheEventWhenHeadersLackThem() throws Exception {
    ProducerRecord<byte[], byte[]> record = Events.record("t", null, Events.page("u"));
    record.headers().remove("ce_time").remove("ce_receivedat").remove("ce_source");
    String json =
        "{\"userId\":\"u\",\"timestamp\":\"2026-01-02T03:04:05.678+01:00\",\"receivedAt\":\"2026-01-02T03:04:06Z\"}";
    Event event = EventReader.read(consumed(record, Events.utf8(json)));
    assertThat(event.happenedAt()).isEqualTo(Instant.parse("2026-01-02T02:04:05.678Z"));
    assertThat(event.receivedAt()).isEqualTo(Instant.parse("2026-01-02T03:04:06Z"));
    assertThat(event.source()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "TRACK | {\"userId\":\"u\"}                       | track without event",
        "TRACK | {\"userId\":\"u\",\"event\":5}           | event: NUMBER (expected: a string)",
        "TRACK | {\"userId\":\"\",\"event\":\"x\"}        | userId and anonymousId: none",
        "TRACK | {\"userId\":{},\"event\":\"x\"}          | userId: OBJECT (expected: a string)",
        "TRACK | []                                       | value: not a JSON object",
        "TRACK | {} {}                                    | value: not JSON",
        "TRACK | {\"userId\":\"u\\u0000\",\"event\":\"x\"} | contains U+0000",
        "TRACK | {\"userId\":\"u\",\"event\":\"x\",\"\\udc00\":[1]} | surrogate",
        "PAGE  | {\"userId\":\"u\",\"properties\":[{\"a\":\"\\udc00\\ud800\"}]} | half a surrogate pair",
        "ALIAS | {\"userId\":\"u\"}                       | alias without userId or previousId",
        "IDENTIFY | {\"userId\":\"u\",\"traits\":[]}      | traits: not a JSON object",
        "IDENTIFY | {\"userId\":\"u\",\"traits\":{\"n\":[1e500]}} | a number of more than 400 digits"
      })
  void saysWhyItRefuses(Event.Type type, String json, String reason) {
    assertThatThrownBy(() -> read(type, json))
        .isInstanceOf(UnprojectableException.class)
        .hasMessageContaining(reason);
  }

  @Test
  void refusesIdsAndTimesOutOfBounds() {
    ProducerRecord<byte[], byte[]> record = Events.record("t", null, Events.page("u"));
    Events.header(record, "ce_time", "yesterday");
    assertThatThrownBy(() -> read(record))
        .hasMessageContaining("ce_time: yesterday (expected: RFC 3339");
    Events.header(record, "ce_time", "1969-12-31T23:59:59Z");
    assertThatThrownBy(() -> read(record)).hasMessageContaining("expected: between 1970-01-01");
    Events.header(record, "ce_id", "m".repeat(1_025));
    assertThatThrownBy(() -> read(record))
        .hasMessageContaining("ce_id: 1025 bytes (expected: 1 to 1024)");
  }

  @Test
  void escapedBackslashesAreNotNuls() throws Exception {
    String json = "{\"userId\":\"u\",\"event\":\"a\\\\u0000\"}";
    assertThat(read(Event.Type.TRACK, json).name()).isEqualTo("a\\u0000");
  }

  @Test
  void anyBytesGiveAnEventOrAReason() {
    Random random = new Random(7);
    ProducerRecord<byte[], byte[]> like =
        Events.record("t", null, Events.identify("u", "a", "{\"k\":[1,{\"x\":\"\\u00e9\"}]}"));
    int read = 0;
    for (int i = 0; i < 20_000; i++) {
      byte[] value = like.value().clone();
      int changes = 1 + random.nextInt(4);
      for (int j = 0; j < changes; j++) {
        value[random.nextInt(value.length)] = (byte) random.nextInt(256);
      }
      try {
        EventReader.read(consumed(like, value));
        read++;
      } catch (UnprojectableException expected) {
        assertThat(expected.reason()).isNotBlank();
      }
    }
    assertThat(read).isPositive();
  }
}
