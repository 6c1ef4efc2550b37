package io.tidegate.edge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidegate.bus.Failure;
import io.tidegate.bus.FailureException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class OperationsTest {
  @ParameterizedTest
  @CsvSource({
    "42,42",
    "a%2Fb,a/b",
    "a+b,a+b",
    "a%20b,a b",
    "%E9%A1%BE%E5%AE%A2,顾客",
    "..,..",
    "a%2fb,a/b",
    "x%25y,x%y",
    "anon:1@x,anon:1@x"
  })
  void decodesIds(String segment, String id) {
    assertThat(Operations.decoded(segment)).isEqualTo(id);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "%",
        "%2",
        "%zz",
        "a%",
        "a%g0",
        "%ff",
        "%c0%af",
        "%ed%a0%80",
        "a%00b",
        "%0a",
        "顾客",
        "%7f"
      })
  void refusesWhatCannotBeDecoded(String segment) {
    assertThatThrownBy(() -> Operations.decoded(segment))
        .isInstanceOfSatisfying(
            FailureException.class, e -> assertThat(e.failure()).isEqualTo(Failure.BAD_REQUEST))
        .hasMessageContaining("(expected: ");
  }

  @Test
  void decodesWhatOthersEncode() {
    Random random = new Random(618);
    for (int round = 0; round < 2_000; round++) {
      StringBuilder id = new StringBuilder();
      int length = 1 + random.nextInt(20);
      for (int i = 0; i < length; i++) {
        int c = random.nextInt(0x3000) + 0xa0;
        id.appendCodePoint(random.nextBoolean() ? 0x20 + random.nextInt(0x5f) : c);
      }
      String encoded = URLEncoder.encode(id.toString(), StandardCharsets.UTF_8).replace("+", "%20");
      assertThat(Operations.decoded(encoded)).isEqualTo(id.toString());
    }
  }
}
