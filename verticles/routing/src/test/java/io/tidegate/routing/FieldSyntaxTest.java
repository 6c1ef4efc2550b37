package io.tidegate.routing;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.util.AsciiString;
import io.vertx.core.http.impl.HttpUtils;
import io.vertx.core.http.impl.headers.HeadersMultiMap;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class FieldSyntaxTest {

  /** Each octet at each place of values of each length up to three longs. */
  @Test
  void refusesWhatVertxRefuses() {
    for (int length = 1; length <= 24; length++) {
      for (int place = 0; place < length; place++) {
        for (int octet = 0; octet < 256; octet++) {
          byte[] value = "a".repeat(length).getBytes(ISO_8859_1);
          value[place] = (byte) octet;
          String text = new String(value, ISO_8859_1);
          for (CharSequence each : List.of(text, new AsciiString(value))) {
            assertThat(refusal(() -> FieldSyntax.check("name", each)))
                .as("octet %d at %d of %d", octet, place, length)
                .isEqualTo(refusal(() -> HttpUtils.validateHeader("name", each)));
          }
          assertThat(FieldSyntax.isPlain(value, 0, length))
              .as("octet %d at %d of %d", octet, place, length)
              .isEqualTo(octet >= ' ' && octet != 0x7f);
        }
      }
    }
  }

  @Test
  void aPartOfAnArrayIsLookedAtAlone() {
    byte[] octets = "\n\n0123456789\n".getBytes(ISO_8859_1);
    assertThat(FieldSyntax.isPlain(octets, 2, 10)).isTrue();
    assertThat(FieldSyntax.isPlain(octets, 2, 11)).isFalse();
    AsciiString part = new AsciiString(octets, 2, 10, false);
    FieldSyntax.check("name", part);
  }

  @Test
  void fieldsFromTheWireAreChecked() {
    HeadersMultiMap fields = FieldSyntax.fields();
    fields.add("ok", "tab\tand \u00e9").add("empty", "");
    assertThatThrownBy(() -> fields.add("a", "b\nc: d"))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> fields.add("a b", "c")).isInstanceOf(IllegalArgumentException.class);
    assertThat(fields.names()).containsExactlyInAnyOrder("ok", "empty");
  }

  @Test
  void aHeadIsWrittenAsItCame() {
    HeadersMultiMap fields = HeadersMultiMap.caseInsensitive();
    fields.add(
        "X-Nick",
        new String("\u5c0f\u660e".getBytes(java.nio.charset.StandardCharsets.UTF_8), ISO_8859_1));
    fields.add(
        AsciiString.of("via"), new AsciiString("..1.1 gate".getBytes(ISO_8859_1), 2, 8, false));
    fields.add("long", "x".repeat(5_000));
    HeadBytes bytes = new HeadBytes();
    bytes.requestLine("GET", "/caf\u00e9?a=b");
    bytes.fields(fields);
    ByteBuf head = bytes.in(UnpooledByteBufAllocator.DEFAULT);
    assertThat(head.toString(java.nio.charset.StandardCharsets.UTF_8))
        .isEqualTo(
            "GET /caf\u00e9?a=b HTTP/1.1\r\nX-Nick: \u5c0f\u660e\r\nvia: 1.1 gate\r\nlong: "
                + "x".repeat(5_000)
                + "\r\n\r\n");
  }

  /** As Latin-1, U+010A is a line feed and U+010D a carriage return. */
  @Test
  void whatWouldBeReadAsAnotherFieldIsNotWritten() {
    for (String value :
        List.of("a\nb: c", "a\r\nb: c", "a\u0000", "a\u010d\u010ab: c", "\u010ab")) {
      HeadersMultiMap fields = HeadersMultiMap.caseInsensitive().add("name", value);
      assertThatThrownBy(() -> new HeadBytes().fields(fields))
          .as(value)
          .isInstanceOf(IllegalArgumentException.class);
    }
    for (String name : List.of("a:b", "a b", "a\n", "\u010a")) {
      HeadersMultiMap fields = HeadersMultiMap.caseInsensitive().add(name, "value");
      assertThatThrownBy(() -> new HeadBytes().fields(fields))
          .as(name)
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  private static @Nullable String refusal(Runnable check) {
    Throwable thrown = catchThrowable(check::run);
    return thrown == null ? null : thrown.toString();
  }
}
