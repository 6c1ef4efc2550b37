package io.tidegate.ingestion;

import static io.tidegate.ingestion.Bodies.NOW;
import static io.tidegate.ingestion.Bodies.NOW_MS;
import static io.tidegate.ingestion.Bodies.json;
import static io.tidegate.ingestion.Bodies.tree;
import static io.tidegate.ingestion.EventKind.ALIAS;
import static io.tidegate.ingestion.EventKind.BATCH;
import static io.tidegate.ingestion.EventKind.IDENTIFY;
import static io.tidegate.ingestion.EventKind.TRACK;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidegate.proto.ingestion.EventRecord;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What becomes of events that are accepted. */
class NormalizedEventsTest {
  private final Bodies bodies = new Bodies();

  @Test
  void keepsWhatTheSenderSaidAndAddsWhatTheLogNeeds() {
    EventRecord record =
        bodies.one(
            TRACK,
            """
            { "writeKey" : "secret", "userId":"u-1" , "event":"Order Completed", "messageId":"m-1",
              "properties" : { "total":1.50, "big":12345678901234567890, "名":"茶\\u0001\\ud83c\\udf75", "a":[1, {"b":null}] },
              "custom":{"writeKey":"kept: not the sender's"}, "nothing":null, "userAgent":"x", "receivedAt":"2001-01-01T00:00:00Z" }
            """);

    assertThat(record.getMessageId()).isEqualTo("m-1");
    assertThat(record.getType()).isEqualTo("track");
    assertThat(record.getCustomer()).isEqualTo("u-1");
    assertThat(record.getSource()).isEqualTo("web");
    assertThat(record.getTimeMs()).isEqualTo(NOW_MS);
    assertThat(record.getReceivedMs()).isEqualTo(NOW_MS);
    assertThat(record.getRequestId()).isEqualTo("req-1");
    assertThat(record.getTraceparent()).startsWith("00-4bf92f3577b34da6a3ce929d0e0e4736");
    assertThat(json(record))
        .isEqualTo(
            tree(
                """
                {"type":"track","messageId":"m-1","timestamp":"%s","receivedAt":"%s","userId":"u-1",
                 "event":"Order Completed",
                 "properties":{"total":1.50,"big":12345678901234567890,"名":"茶\\u0001\\ud83c\\udf75","a":[1,{"b":null}]},
                 "custom":{"writeKey":"kept: not the sender's"},"nothing":null,"userAgent":"x"}
                """
                    .formatted(NOW, NOW)));
    assertThat(record.getData().toStringUtf8()).contains("1.50").contains("12345678901234567890");
  }

  @Test
  void takesWholeNumbersForIdsAndKeepsThemAsStrings() {
    EventRecord record =
        bodies.one(ALIAS, "{\"userId\": 42 ,\"previousId\":-7,\"messageId\":9007199254740993}");

    assertThat(record.getCustomer()).isEqualTo("42");
    assertThat(record.getMessageId()).isEqualTo("9007199254740993");
    assertThat(json(record).get("userId").textValue()).isEqualTo("42");
    assertThat(json(record).get("previousId").textValue()).isEqualTo("-7");
    assertThat(json(record).get("messageId").textValue()).isEqualTo("9007199254740993");
  }

  @Test
  void dropsIdsAndObjectsThatSayNothing() {
    EventRecord record =
        bodies.one(
            IDENTIFY,
            "{\"userId\":null,\"anonymousId\":\"a\",\"messageId\":\"\",\"traits\":null,\"context\":null,"
                + "\"integrations\":null,\"timestamp\":null,\"originalTimestamp\":null,\"sentAt\":null,\"name\":null}");

    assertThat(record.getCustomer()).isEqualTo("a");
    assertThat(record.getMessageId()).hasSize(36);
    assertThat(json(record).propertyStream().map(java.util.Map.Entry::getKey))
        .containsExactly("type", "messageId", "timestamp", "receivedAt", "anonymousId");
  }

  @Test
  void unescapesIds() {
    EventRecord record = bodies.one(IDENTIFY, "{\"userId\":\"\\u5f20\\ud83d\\ude00\\/\\\"\"}");
    assertThat(record.getCustomer()).isEqualTo("张😀/\"");
    assertThat(json(record).get("userId").textValue()).isEqualTo("张😀/\"");
  }

  @Test
  void readsABodyWithAByteOrderMark() {
    byte[] body = "\uFEFF{\"userId\":\"u\",\"traits\":{\"a\":1}}".getBytes(UTF_8);
    assertThat(json(bodies.parse(IDENTIFY, body).getFirst()).get("traits"))
        .isEqualTo(tree("{\"a\":1}"));
  }

  @Test
  void takesTheDeepestAndTheLongestAllowed() {
    String deep = "[".repeat(31) + "]".repeat(31);
    String id = "i".repeat(256);
    EventRecord record =
        bodies.one(
            TRACK,
            "{\"userId\":\"" + id + "\",\"event\":\"" + "e".repeat(200) + "\",\"x\":" + deep + "}");
    assertThat(record.getCustomer()).isEqualTo(id);
    String inBatch =
        "{\"batch\":[{\"type\":\"identify\",\"userId\":\"u\",\"context\":{\"x\":"
            + "[".repeat(30)
            + "]".repeat(30)
            + "},\"y\":"
            + deep
            + "}],\"z\":"
            + deep
            + "}";
    assertThat(bodies.parse(BATCH, inBatch)).hasSize(1);
    int room = 32_768 - "{\"userId\":\"u\",\"x\":\"\"}".length();
    String full = "{\"userId\":\"u\",\"x\":\"" + "y".repeat(room) + "\"}";
    assertThat(bodies.one(IDENTIFY, full).getData().size()).isGreaterThan(32_768);
    assertThat(bodies.one(IDENTIFY, "{\"userId\":\"u\",\"" + "k".repeat(1_000) + "\":1}"))
        .isNotNull();
  }

  @ParameterizedTest
  @CsvSource(
      nullValues = "-",
      value = {
        // timestamp, originalTimestamp, sentAt -> time, what originalTimestamp is kept
        "-, -, -, 2026-01-31T08:00:00.000Z, -",
        "2026-01-31T07:00:00Z, -, -, 2026-01-31T07:00:00.000Z, -",
        "-, 2026-01-31T07:00:00Z, -, 2026-01-31T07:00:00.000Z, 2026-01-31T07:00:00Z",
        "2026-01-31T06:00:00Z, 2026-01-31T07:00:00Z, -, 2026-01-31T06:00:00.000Z, 2026-01-31T07:00:00Z",
        // the sender's clock is an hour behind
        "2026-01-31T06:59:50Z, -, 2026-01-31T07:00:00Z, 2026-01-31T07:59:50.000Z, 2026-01-31T06:59:50Z",
        // a day ahead
        "2026-02-01T07:59:50Z, -, 2026-02-01T08:00:00Z, 2026-01-31T07:59:50.000Z, 2026-02-01T07:59:50Z",
        // in 1970
        "1970-01-01T00:00:05Z, -, 1970-01-01T00:00:09Z, 2026-01-31T07:59:56.000Z, 1970-01-01T00:00:05Z",
        // kept on the phone for a month
        "2026-01-01T08:00:00Z, -, 2026-01-31T08:00:00Z, 2026-01-01T08:00:00.000Z, -",
        // original over timestamp as what the sender's clock said
        "2026-01-30T00:00:00Z, 2026-01-31T06:00:00Z, 2026-01-31T07:00:00Z, 2026-01-31T07:00:00.000Z, 2026-01-31T06:00:00Z",
        // sent before it happened: no correction
        "2026-01-31T07:30:00Z, -, 2026-01-31T07:00:00Z, 2026-01-31T07:30:00.000Z, -",
        // correcting would give 1996: no correction
        "2001-01-01T00:00:00Z, -, 2031-01-01T00:00:00Z, 2001-01-01T00:00:00.000Z, -",
        "2026-01-31T16:00:00+08:00, -, -, 2026-01-31T08:00:00.000Z, -",
      })
  void correctsForTheSendersClock(
      String timestamp, String original, String sentAt, String time, String kept) {
    String own = member("timestamp", timestamp) + member("originalTimestamp", original);
    String single = "{\"userId\":\"u\"" + own + member("sentAt", sentAt) + "}";
    String batch =
        "{\"batch\":[{\"type\":\"identify\",\"userId\":\"u\""
            + own
            + "}]"
            + member("sentAt", sentAt)
            + "}";

    for (EventRecord record : List.of(bodies.one(IDENTIFY, single), bodies.one(BATCH, batch))) {
      ObjectNode json = json(record);
      assertThat(record.getTimeMs()).isEqualTo(Instant.parse(time).toEpochMilli());
      assertThat(json.get("timestamp").textValue()).isEqualTo(time);
      assertThat(json.path("originalTimestamp").textValue()).isEqualTo(kept);
      assertThat(json.path("sentAt").textValue()).isEqualTo(sentAt);
      assertThat(json.get("receivedAt").textValue()).isEqualTo(NOW);
    }
  }

  private static String member(String name, String value) {
    return value == null ? "" : ",\"" + name + "\":\"" + value + "\"";
  }

  @Test
  void mergesTheBatchsContextUnderEachEvents() {
    List<EventRecord> records =
        bodies.parse(
            BATCH,
            """
            {"batch":[
               {"type":"track","userId":"a","event":"e","context":{"ip":"1.1.1.1","app":{"name":"own"}},"integrations":{"All":false}},
               {"type":"page","anonymousId":"b","context":{}},
               {"type":"screen","anonymousId":"c","name":"Home"}],
             "context":{"app":{"name":"batch","v":2},"locale":"zh-CN","ip":"2.2.2.2"},
             "integrations":{"All":true,"X":{"y":1}},
             "writeKey":"secret","sentAt":"2026-01-31T08:00:00.000Z","sequence":3}
            """);

    assertThat(records).extracting(EventRecord::getType).containsExactly("track", "page", "screen");
    assertThat(records).extracting(EventRecord::getCustomer).containsExactly("a", "b", "c");
    assertThat(records).extracting(EventRecord::getMessageId).doesNotHaveDuplicates();
    JsonNode whole =
        tree("{\"app\":{\"name\":\"batch\",\"v\":2},\"locale\":\"zh-CN\",\"ip\":\"2.2.2.2\"}");
    assertThat(json(records.get(0)).get("context"))
        .isEqualTo(tree("{\"ip\":\"1.1.1.1\",\"app\":{\"name\":\"own\"},\"locale\":\"zh-CN\"}"));
    assertThat(json(records.get(0)).get("integrations"))
        .isEqualTo(tree("{\"All\":false,\"X\":{\"y\":1}}"));
    assertThat(json(records.get(1)).get("context")).isEqualTo(whole);
    assertThat(json(records.get(2)).get("context")).isEqualTo(whole);
    assertThat(records)
        .allSatisfy(record -> assertThat(record.getData().toStringUtf8()).doesNotContain("secret"));
  }

  @Test
  void takesALessStrictConfiguration() {
    Bodies generous = new Bodies("max-json-depth", "100", "max-event-bytes", "100000");
    String deep = "[".repeat(99) + "]".repeat(99);
    String body = "{\"userId\":\"u\",\"x\":" + deep + ",\"y\":\"" + "z".repeat(50_000) + "\"}";
    assertThat(generous.parse(IDENTIFY, body)).hasSize(1);
  }
}
