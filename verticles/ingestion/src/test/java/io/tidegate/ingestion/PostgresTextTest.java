package io.tidegate.ingestion;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class PostgresTextTest {
  private static final List<String> PIECES =
      List.of(
          "a",
          "茶",
          "😀",
          "\\\\",
          "\\n",
          "\\\"",
          "u0000",
          "\\u0000",
          "\\u0001",
          "\\u8336",
          "\\uD83D",
          "\\ude00",
          "\\ud83d\\uDE00",
          "seven77",
          "ffffffff");

  @Test
  void findsWhatTheReaderOfTheJsonWouldFind() {
    Random random = new Random(618);
    int faults = 0;
    for (int round = 0; round < 50_000; round++) {
      StringBuilder json = new StringBuilder("{\"k\":\"");
      for (int pieces = random.nextInt(12); pieces > 0; pieces--) {
        json.append(PIECES.get(random.nextInt(random.nextInt(1, PIECES.size() + 1))));
      }
      byte[] body = json.append("\"}").toString().getBytes(UTF_8);
      String text = Bodies.tree(body).get("k").textValue();
      boolean whole = new String(text.getBytes(UTF_8), UTF_8).equals(text);
      String found = PostgresText.faultIn(body, 0, body.length, "");
      if (whole && text.indexOf(0) < 0) {
        assertThat(found).as(json.toString()).isNull();
      } else {
        assertThat(found).as(json.toString()).startsWith("k: contains ");
        faults++;
      }
    }
    assertThat(faults).isBetween(5_000, 45_000);
  }

  @Test
  void looksOnlyWhereItIsToldTo() {
    byte[] body = "[\"\\u0000\",{\"a\":[\"x\"]},\"\\ud800\"]".getBytes(UTF_8);
    int from = new String(body, UTF_8).indexOf('{');
    int to = new String(body, UTF_8).indexOf('}') + 1;
    assertThat(PostgresText.faultIn(body, from, to, "context")).isNull();
    assertThat(PostgresText.faultIn(body, 0, body.length, "list"))
        .isEqualTo("list[0]: contains U+0000");
  }
}
