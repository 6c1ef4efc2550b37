package io.tidegate.ingestion;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidegate.bus.Failure.Blame;
import io.tidegate.bus.FailureException;
import io.tidegate.proto.ingestion.EventRecord;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Bodies by chance: whatever comes, it is the caller's failure or a sound record. */
class EventFuzzTest {
  private static final ObjectMapper mapper = new ObjectMapper();
  private static final List<EventKind> KINDS = List.of(EventKind.values());
  private static final List<String> SEEDS =
      List.of(
          "{\"userId\":\"u\",\"event\":\"e\",\"timestamp\":\"2026-01-31T07:00:00Z\",\"sentAt\":\"2026-01-31T07:00:01Z\",\"properties\":{\"a\":[1,2.5e3,null,true,\"\\u00e9\\n\"]}}",
          "{\"batch\":[{\"type\":\"track\",\"userId\":12,\"event\":\"e\",\"context\":{\"a\":{\"b\":1}}},{\"type\":\"alias\",\"userId\":\"u\",\"previousId\":\"p\",\"messageId\":\"m\"}],\"context\":{\"a\":1,\"库\":\"名\"},\"sentAt\":\"2026-01-31T07:00:01.123+08:00\"}");
  private static final byte[][] PIECES =
      List.of(
              "{",
              "}",
              "[",
              "]",
              ",",
              ":",
              "\"",
              "\\",
              "\\u0000",
              "\\ud800",
              "null",
              "true",
              "-",
              "1e9",
              "1e-400",
              "99999999999999999999",
              "\"type\":\"track\",",
              "\"userId\":\"\",",
              "\"batch\":[",
              "\"context\":",
              "\"timestamp\":\"",
              "\uFEFF",
              "茶",
              "\0",
              " ",
              "\n",
              "[[[[[[[[[[[[",
              "{\"a\":{\"a\":")
          .stream()
          .map(piece -> piece.getBytes(UTF_8))
          .toArray(byte[][]::new);

  @Test
  void anyBytesAreRefusedByNameOrTaken() {
    Random random = new Random(618);
    Bodies bodies = new Bodies();
    int taken = 0;
    for (int i = 0; i < 20_000; i++) {
      byte[] body = SEEDS.get(random.nextInt(SEEDS.size())).getBytes(UTF_8);
      for (int changes = random.nextInt(4); changes >= 0; changes--) {
        body = changed(body, random);
      }
      EventKind kind = KINDS.get(random.nextInt(KINDS.size()));
      try {
        for (EventRecord record : bodies.parse(kind, body)) {
          requireSound(record);
          taken++;
        }
      } catch (FailureException e) {
        assertThat(e.failure().blame()).isEqualTo(Blame.CALLER);
      } catch (RuntimeException e) {
        fail("on " + kind + " " + new String(body, UTF_8), e);
      }
    }
    assertThat(taken).isGreaterThan(500);
  }

  private static byte[] changed(byte[] body, Random random) {
    int at = random.nextInt(body.length + 1);
    int to = Math.min(body.length, at + random.nextInt(8));
    byte[] piece =
        switch (random.nextInt(4)) {
          case 0 -> PIECES[random.nextInt(PIECES.length)];
          case 1 -> new byte[] {(byte) random.nextInt(256)};
          case 2 ->
              java.util.Arrays.copyOfRange(
                  body, at, Math.min(body.length, at + random.nextInt(60)));
          default -> new byte[0];
        };
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(body, 0, at);
    out.write(piece, 0, piece.length);
    int from = random.nextBoolean() ? to : at;
    out.write(body, from, body.length - from);
    return out.toByteArray();
  }

  private static void requireSound(EventRecord record) {
    ObjectNode json = Bodies.json(record);
    assertThat(json.get("type").textValue()).isEqualTo(record.getType());
    assertThat(json.get("messageId").textValue()).isEqualTo(record.getMessageId()).isNotEmpty();
    assertThat(Timestamps.parse(json.get("timestamp").textValue())).isEqualTo(record.getTimeMs());
    assertThat(record.getCustomer()).isNotEmpty();
    assertThat(json.has("writeKey")).isFalse();
    assertThat(record.toByteArray()).isNotEmpty();
    requireKeepable(json);
  }

  private static void requireKeepable(JsonNode node) {
    if (node.isTextual()) {
      // UTF-8 has no halves: encoding replaces them.
      String text = node.textValue();
      assertThat(new String(text.getBytes(UTF_8), UTF_8)).isEqualTo(text).doesNotContain("\0");
    }
    node.fieldNames().forEachRemaining(name -> requireKeepable(mapper.valueToTree(name)));
    node.forEach(EventFuzzTest::requireKeepable);
  }

  /** Any object of any layout goes through unchanged, save what the gateway says itself. */
  @Test
  void anyJsonGoesThroughAsItIs() throws IOException {
    Random random = new Random(1111);
    Bodies bodies = new Bodies();
    for (int i = 0; i < 1_000; i++) {
      ObjectNode batch = mapper.createObjectNode();
      if (random.nextBoolean()) {
        batch.set("other", value(random, 3));
      }
      ArrayNode events = batch.putArray("batch");
      for (int n = random.nextInt(4); n >= 0; n--) {
        events.add(event(random));
      }
      byte[] body =
          random.nextBoolean()
              ? mapper.writerWithDefaultPrettyPrinter().writeValueAsBytes(batch)
              : mapper.writeValueAsBytes(batch);
      List<EventRecord> records = bodies.parse(EventKind.BATCH, body);
      assertThat(records).hasSize(events.size());
      for (int n = 0; n < events.size(); n++) {
        ObjectNode expected = ((ObjectNode) events.get(n)).deepCopy();
        expected.remove("writeKey");
        expected.put("timestamp", Bodies.NOW).put("receivedAt", Bodies.NOW);
        JsonNode got = Bodies.json(records.get(n));
        assertThat(got).isEqualTo(mapper.readTree(mapper.writeValueAsBytes(expected)));
      }
    }
  }

  private static ObjectNode event(Random random) {
    ObjectNode event = mapper.createObjectNode();
    for (String member :
        shuffled(
            random, "type", "userId", "messageId", "traits", "context", "writeKey", "x", "y")) {
      switch (member) {
        case "type" -> event.put("type", "identify");
        case "userId" -> event.put("userId", text(random));
        case "messageId" -> event.put("messageId", text(random));
        case "traits", "context" -> event.set(member, object(random, 3));
        case "writeKey" -> event.put("writeKey", "k");
        default -> event.set(member + text(random), value(random, 4));
      }
    }
    return event;
  }

  private static List<String> shuffled(Random random, String... names) {
    List<String> list = new java.util.ArrayList<>(List.of(names));
    java.util.Collections.shuffle(list, random);
    return list;
  }

  private static ObjectNode object(Random random, int depth) {
    ObjectNode object = mapper.createObjectNode();
    for (int n = random.nextInt(5); n > 0; n--) {
      object.set(text(random), value(random, depth - 1));
    }
    return object;
  }

  private static JsonNode value(Random random, int depth) {
    return switch (random.nextInt(depth > 0 ? 8 : 6)) {
      case 0 -> mapper.getNodeFactory().nullNode();
      case 1 -> mapper.getNodeFactory().booleanNode(random.nextBoolean());
      case 2 -> mapper.getNodeFactory().numberNode(random.nextLong());
      case 3 -> mapper.getNodeFactory().numberNode(random.nextGaussian() * 1e6);
      case 4, 5 -> mapper.getNodeFactory().textNode(text(random));
      case 6 -> object(random, depth);
      default -> {
        ArrayNode array = mapper.createArrayNode();
        for (int n = random.nextInt(4); n > 0; n--) {
          array.add(value(random, depth - 1));
        }
        yield array;
      }
    };
  }

  private static String text(Random random) {
    int length = 1 + random.nextInt(12);
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < length; i++) {
      text.appendCodePoint(
          switch (random.nextInt(4)) {
            case 0 -> random.nextInt(0x4E00, 0x9FA5);
            case 1 -> random.nextInt(0x1F300, 0x1F5FF);
            case 2 -> "\"\\/{}[]:, ".charAt(random.nextInt(10));
            default -> random.nextInt('a', 'z' + 1);
          });
    }
    return text.toString();
  }
}
