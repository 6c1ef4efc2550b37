package io.tidegate.ingestion;

import static io.tidegate.bus.Failure.BAD_REQUEST;
import static io.tidegate.bus.Failure.INVALID_EVENT;
import static io.tidegate.bus.Failure.PAYLOAD_TOO_LARGE;
import static io.tidegate.ingestion.EventKind.ALIAS;
import static io.tidegate.ingestion.EventKind.BATCH;
import static io.tidegate.ingestion.EventKind.GROUP;
import static io.tidegate.ingestion.EventKind.IDENTIFY;
import static io.tidegate.ingestion.EventKind.PAGE;
import static io.tidegate.ingestion.EventKind.TRACK;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_16;
import static java.nio.charset.StandardCharsets.UTF_16LE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.InstanceOfAssertFactories.LIST;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.tidegate.bus.Failure;
import io.tidegate.bus.FailureException;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What is refused, with which failure, in which words. */
class MalformedEventsTest {
  private final Bodies bodies = new Bodies();

  static Stream<Arguments> refused() {
    return Stream.of(
        // not JSON
        arguments(TRACK, "", BAD_REQUEST, "body: empty"),
        arguments(TRACK, "   ", BAD_REQUEST, "body: empty"),
        arguments(TRACK, "{", BAD_REQUEST, "body: broken at byte 1"),
        arguments(TRACK, "{\"userId\":\"u\"", BAD_REQUEST, "body: broken"),
        arguments(TRACK, "{\"userId\":\"u}", BAD_REQUEST, "body: broken"),
        arguments(TRACK, "{'userId':'u'}", BAD_REQUEST, "body: broken"),
        arguments(TRACK, "{userId:\"u\"}", BAD_REQUEST, "body: broken"),
        arguments(TRACK, "{\"userId\":\"u\",}", BAD_REQUEST, "body: broken"),
        arguments(TRACK, "{\"userId\":\"u\"}}", BAD_REQUEST, "body: broken"),
        arguments(TRACK, "{\"userId\":\"u\",\"event\":\"e\"}{}", BAD_REQUEST, "body: more after"),
        arguments(TRACK, "{\"userId\":\"a\nb\"}", BAD_REQUEST, "body: broken"),
        arguments(TRACK, "{\"userId\":\"\\x\"}", BAD_REQUEST, "body: broken"),
        arguments(TRACK, "{\"userId\":\"\\u12\"}", BAD_REQUEST, "body: broken"),
        arguments(TRACK, "{\"x\":\"a\u0001b\"}", BAD_REQUEST, "body: broken"),
        arguments(TRACK, "{\"x\":nul}", BAD_REQUEST, "body: broken"),
        arguments(TRACK, "{\"x\":NaN}", BAD_REQUEST, "body: broken"),
        arguments(TRACK, "{\"x\":01}", BAD_REQUEST, "body: broken"),
        arguments(TRACK, "{\"x\":+1}", BAD_REQUEST, "body: broken"),
        arguments(TRACK, "{\"x\":.5}", BAD_REQUEST, "body: broken"),
        arguments(TRACK, "{\"x\":1e}", BAD_REQUEST, "body: broken"),
        arguments(TRACK, "{\"x\":1 /* no */}", BAD_REQUEST, "body: broken"),
        arguments(TRACK, "[]", BAD_REQUEST, "body: an array"),
        arguments(TRACK, "\"track\"", BAD_REQUEST, "body: \"track\""),
        arguments(TRACK, "null", BAD_REQUEST, "body: null"),
        arguments(TRACK, "42", BAD_REQUEST, "body: 42"),
        // ids
        arguments(TRACK, "{\"event\":\"e\"}", INVALID_EVENT, "userId: missing"),
        arguments(IDENTIFY, "{\"traits\":{}}", INVALID_EVENT, "userId: missing"),
        arguments(IDENTIFY, "{\"userId\":\"\"}", INVALID_EVENT, "userId: missing"),
        arguments(IDENTIFY, "{\"userId\":null}", INVALID_EVENT, "userId: missing"),
        arguments(IDENTIFY, "{\"userId\":true}", INVALID_EVENT, "userId: true (expected: a string"),
        arguments(IDENTIFY, "{\"userId\":1.5}", INVALID_EVENT, "userId: 1.5 (expected: a string"),
        arguments(IDENTIFY, "{\"userId\":{}}", INVALID_EVENT, "userId: an object"),
        arguments(IDENTIFY, "{\"anonymousId\":[1]}", INVALID_EVENT, "anonymousId: an array"),
        arguments(IDENTIFY, id("x".repeat(257)), INVALID_EVENT, "userId: 257 characters"),
        arguments(IDENTIFY, id("a\\u0000b"), INVALID_EVENT, "userId: a\uFFFDb"),
        arguments(IDENTIFY, id("a\\nb"), INVALID_EVENT, "userId: a\uFFFDb"),
        arguments(IDENTIFY, id("\\ud800"), INVALID_EVENT, "userId: \uFFFD"),
        arguments(IDENTIFY, id("\\udc00\\ud800"), INVALID_EVENT, "half surrogate"),
        arguments(
            TRACK,
            "{\"userId\":\"u\",\"event\":\"e\",\"messageId\":{}}",
            INVALID_EVENT,
            "messageId: an object"),
        arguments(TRACK, "{\"userId\":\"u\"}", INVALID_EVENT, "event: missing"),
        arguments(TRACK, "{\"userId\":\"u\",\"event\":\"\"}", INVALID_EVENT, "event: missing"),
        arguments(TRACK, "{\"userId\":\"u\",\"event\":7}", INVALID_EVENT, "event: 7"),
        arguments(TRACK, event("e".repeat(201)), INVALID_EVENT, "event: 201 characters"),
        arguments(PAGE, "{\"userId\":\"u\",\"name\":[]}", INVALID_EVENT, "name: an array"),
        arguments(GROUP, "{\"userId\":\"u\"}", INVALID_EVENT, "groupId: missing"),
        arguments(ALIAS, "{\"userId\":\"u\"}", INVALID_EVENT, "previousId: missing"),
        arguments(
            ALIAS,
            "{\"anonymousId\":\"a\",\"previousId\":\"p\"}",
            INVALID_EVENT,
            "userId: missing"),
        // types
        arguments(IDENTIFY, with("\"traits\":[]"), INVALID_EVENT, "traits: an array"),
        arguments(IDENTIFY, with("\"properties\":\"x\""), INVALID_EVENT, "properties: \"x\""),
        arguments(IDENTIFY, with("\"context\":1"), INVALID_EVENT, "context: 1"),
        arguments(IDENTIFY, with("\"integrations\":[]"), INVALID_EVENT, "integrations: an array"),
        arguments(IDENTIFY, with("\"type\":\"track\""), INVALID_EVENT, "type: \"track\""),
        arguments(IDENTIFY, with("\"type\":[]"), INVALID_EVENT, "type: an array"),
        arguments(IDENTIFY, with("\"userId\":\"v\""), INVALID_EVENT, "userId: a second time"),
        arguments(IDENTIFY, with("\"x\":1,\"x\":2"), INVALID_EVENT, "x: a second time"),
        // time stamps
        arguments(IDENTIFY, at("yesterday"), INVALID_EVENT, "timestamp: \"yesterday\""),
        arguments(IDENTIFY, at("2026-01-31"), INVALID_EVENT, "timestamp: \"2026-01-31\""),
        arguments(IDENTIFY, at("1999-12-31T23:59:59.999Z"), INVALID_EVENT, "timestamp: 1999"),
        arguments(IDENTIFY, at("2026-02-01T08:00:00.001Z"), INVALID_EVENT, "timestamp: 2026-02"),
        arguments(IDENTIFY, with("\"timestamp\":1769846400"), INVALID_EVENT, "timestamp: 1769"),
        arguments(IDENTIFY, with("\"timestamp\":{}"), INVALID_EVENT, "timestamp: an object"),
        arguments(IDENTIFY, with("\"sentAt\":\"now\""), INVALID_EVENT, "sentAt: \"now\""),
        arguments(
            IDENTIFY, with("\"originalTimestamp\":false"), INVALID_EVENT, "originalTimestamp: f"),
        // depth, sizes, numbers
        arguments(IDENTIFY, with("\"x\":" + nested(32)), INVALID_EVENT, "depth: 33"),
        arguments(IDENTIFY, with("\"x\":" + nested(5_000)), INVALID_EVENT, "depth"),
        arguments(IDENTIFY, with("\"context\":{\"x\":" + nested(31) + "}"), INVALID_EVENT, "depth"),
        arguments(IDENTIFY, with("\"" + "k".repeat(4_000) + "\":1"), INVALID_EVENT, "key"),
        arguments(IDENTIFY, with("\"x\":" + "9".repeat(401)), INVALID_EVENT, "number: 999"),
        arguments(IDENTIFY, with("\"x\":1e401"), INVALID_EVENT, "number: 1e401"),
        arguments(
            IDENTIFY, with("\"x\":{\"y\":[-1e-999999]}"), INVALID_EVENT, "number: -1e-999999"),
        arguments(IDENTIFY, with("\"x\":1e99999999999"), INVALID_EVENT, "number: 1e9"),
        arguments(
            IDENTIFY, with("\"x\":\"" + "y".repeat(32_768) + "\""), PAYLOAD_TOO_LARGE, "body: 32"),
        // text that Postgres can't keep
        arguments(
            TRACK, event("a\\u0000b"), INVALID_EVENT, "event: contains U+0000 (expected: text"),
        arguments(TRACK, event("\\ud83d"), INVALID_EVENT, "event: contains half a surrogate pair"),
        arguments(PAGE, with("\"name\":\"\\udc00\""), INVALID_EVENT, "name: contains half"),
        arguments(
            IDENTIFY,
            with("\"traits\":{\"a\":[1,{\"b\":\"\\\\\\u0000\"}]}"),
            INVALID_EVENT,
            "traits.a[1].b: contains U+0000"),
        arguments(
            IDENTIFY,
            with("\"traits\":{\"a\\u0000\":1}"),
            INVALID_EVENT,
            "traits.a\uFFFD: contains"),
        arguments(IDENTIFY, with("\"x\":\"\\ud83d\\ud83d\""), INVALID_EVENT, "x: contains half"),
        arguments(
            IDENTIFY,
            with(
                "\"x\":"
                    + ("{\"" + "k".repeat(80) + "\":").repeat(9)
                    + "\"\\u0000\""
                    + "}".repeat(9)),
            INVALID_EVENT,
            "…"),
        arguments(
            BATCH,
            batch("", ",\"context\":{\"app\":{\"v\":\"\\u0000\"}}"),
            INVALID_EVENT,
            "context.app.v: contains U+0000"),
        // the batch itself
        arguments(BATCH, "{}", INVALID_EVENT, "batch: missing"),
        arguments(BATCH, "{\"batch\":[]}", INVALID_EVENT, "batch: []"),
        arguments(BATCH, "{\"batch\":{}}", INVALID_EVENT, "batch: an object"),
        arguments(BATCH, "{\"batch\":null}", INVALID_EVENT, "batch: null"),
        arguments(BATCH, batch("", ",\"context\":[]"), INVALID_EVENT, "context: an array"),
        arguments(
            BATCH,
            batch("", ",\"context\":{\"x\":\"" + "y".repeat(32_768) + "\"}"),
            PAYLOAD_TOO_LARGE,
            "context: 327"),
        arguments(BATCH, batch("", ",\"integrations\":1"), INVALID_EVENT, "integrations: 1"),
        arguments(BATCH, batch("", ",\"sentAt\":\"x\""), INVALID_EVENT, "sentAt: \"x\""),
        arguments(BATCH, batch("", ",\"sentAt\":7"), INVALID_EVENT, "sentAt: 7"),
        arguments(BATCH, batch("", ",\"batch\":[]"), INVALID_EVENT, "batch: a second time"),
        arguments(BATCH, batch("", ",\"x\":" + nested(32)), INVALID_EVENT, "depth: 33"),
        arguments(
            BATCH,
            batch("", ",\"x\":\"" + "y".repeat(512_000) + "\""),
            PAYLOAD_TOO_LARGE,
            "body: 512"));
  }

  @ParameterizedTest
  @MethodSource("refused")
  void refusesAndSaysWhy(EventKind kind, String body, Failure failure, String message) {
    FailureException refused = bodies.refused(kind, body);

    assertThat(refused).isNotNull().hasMessageContaining(message).hasMessageContaining("expected");
    assertThat(refused.failure()).isEqualTo(failure);
    assertThat(refused.getMessage()).hasSizeLessThan(300).doesNotContain("\n");
    assertThat(refused.members()).doesNotContainKey("index");
  }

  static Stream<Arguments> refusedInBatch() {
    return Stream.of(
        arguments("1", INVALID_EVENT, "batch[1].event: 1 (expected: an object)"),
        arguments("[[]]", INVALID_EVENT, "batch[1].event: an array"),
        arguments("{}", INVALID_EVENT, "batch[1].type: missing"),
        arguments("{\"type\":\"batch\"}", INVALID_EVENT, "batch[1].type: \"batch\""),
        arguments("{\"type\":\"buy\"}", INVALID_EVENT, "batch[1].type: \"buy\""),
        arguments("{\"type\":null}", INVALID_EVENT, "batch[1].type: null"),
        arguments(
            "{\"type\":\"track\",\"userId\":\"u\"}", INVALID_EVENT, "batch[1].event: missing"),
        arguments(typed(",\"x\":" + nested(32)), INVALID_EVENT, "batch[1].depth: 33"),
        arguments(typed(",\"x\":" + nested(600)), INVALID_EVENT, "batch[1].depth"),
        arguments(
            typed(",\"x\":\"" + "y".repeat(32_768) + "\""),
            PAYLOAD_TOO_LARGE,
            "batch[1].event: 328"),
        arguments(typed(",\"timestamp\":\"1998-01-01T00:00:00Z\""), INVALID_EVENT, "batch[1].time"),
        arguments("{\"type\":\"track\" \"userId\"}", BAD_REQUEST, "batch[1].body: broken at byte"),
        arguments(
            typed(",\"properties\":{\"note\":\"a\\u0000\"}"),
            INVALID_EVENT,
            "batch[1].properties.note: contains U+0000 (expected: text that Postgres can keep)"),
        arguments(typed(",\"x\":1e999"), INVALID_EVENT, "batch[1].number: 1e999"));
  }

  @ParameterizedTest
  @MethodSource("refusedInBatch")
  void namesTheEventOfABatch(String event, Failure failure, String message) {
    FailureException refused = bodies.refused(BATCH, batch(event + ",", ""));

    assertThat(refused).isNotNull().hasMessageContaining(message);
    assertThat(refused.failure()).isEqualTo(failure);
    assertThat(refused.members()).containsEntry("index", 1);
    assertThat(refused.members().get("errors")).asInstanceOf(LIST).hasSize(1);
  }

  @Test
  void tellsOfUpToTenBadEvents() {
    String bad = "{\"type\":\"track\",\"userId\":\"u\"},";
    FailureException refused = bodies.refused(BATCH, batch(bad.repeat(12), ""));

    assertThat(refused.members()).containsEntry("index", 1);
    assertThat(refused.members().get("errors"))
        .asInstanceOf(LIST)
        .hasSize(10)
        .startsWith(
            Map.of("index", 1, "detail", "event: missing (expected: the name of what was done)"))
        .extracting("index")
        .containsExactly(1, 2, 3, 4, 5, 6, 7, 8, 9, 10);
  }

  @Test
  void tellsOfBadEventsBeforeAndAtTheBreak() {
    FailureException refused =
        bodies.refused(BATCH, batch("{\"type\":\"track\",\"userId\":\"u\"},{oops},", ""));

    assertThat(refused.failure()).isEqualTo(INVALID_EVENT);
    assertThat(refused.members().get("errors"))
        .asInstanceOf(LIST)
        .extracting("index")
        .containsExactly(1, 2);
  }

  @Test
  void refusesMoreEventsThanAllowed() {
    String event = typed("") + ",";
    assertThat(bodies.parse(BATCH, batch(event.repeat(2_498), ""))).hasSize(2_500);
    FailureException refused = bodies.refused(BATCH, batch(event.repeat(2_499), ""));
    assertThat(refused.failure()).isEqualTo(PAYLOAD_TOO_LARGE);
    assertThat(refused).hasMessage("batch: more events (expected: at most 2500)");
  }

  @Test
  void refusesASmallBodyThatMakesMuch() {
    String context = ",\"context\":{\"x\":\"" + "y".repeat(30_000) + "\"}";
    FailureException refused =
        bodies.refused(BATCH, batch((typed("") + ",").repeat(2_000), context));
    assertThat(refused.failure()).isEqualTo(PAYLOAD_TOO_LARGE);
    assertThat(refused).hasMessageStartingWith("context: ");
  }

  @Test
  void refusesWhatIsNotUtf8() {
    String json = "{\"userId\":\"é\"}";
    for (byte[] body :
        List.of(
            json.getBytes(ISO_8859_1),
            json.getBytes(UTF_16),
            json.getBytes(UTF_16LE),
            new byte[] {'{', '"', 'a', '"', ':', '"', (byte) 0xC0, (byte) 0x80, '"', '}'},
            new byte[] {
              '{', '"', 'a', '"', ':', '"', (byte) 0xED, (byte) 0xA0, (byte) 0x80, '"', '}'
            },
            new byte[] {0, '{', 0, '}'},
            new byte[] {0, 0, 0, '{'})) {
      FailureException refused = bodies.refused(IDENTIFY, body);
      assertThat(refused).isNotNull();
      assertThat(refused.failure()).isEqualTo(BAD_REQUEST);
    }
  }

  private static String id(String id) {
    return "{\"userId\":\"" + id + "\"}";
  }

  private static String event(String name) {
    return "{\"userId\":\"u\",\"event\":\"" + name + "\"}";
  }

  private static String with(String members) {
    return "{\"userId\":\"u\"," + members + "}";
  }

  private static String at(String timestamp) {
    return with("\"timestamp\":\"" + timestamp + "\"");
  }

  private static String typed(String members) {
    return "{\"type\":\"identify\",\"userId\":\"u\"" + members + "}";
  }

  /** A good event, those given, a good event; then what is behind the events. */
  private static String batch(String events, String members) {
    return "{\"batch\":[" + typed("") + "," + events + typed("") + "]" + members + "}";
  }

  private static String nested(int depth) {
    return "[".repeat(depth) + "]".repeat(depth);
  }
}
