package io.tidegate.edge;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class Http2FieldsTest {

  @Test
  void aValueHasNoControlCharactersAndNoWhiteSpaceAroundIt() {
    for (int length = 1; length <= 10; length++) {
      for (int place = 0; place < length; place++) {
        for (int octet = 0; octet < 256; octet++) {
          byte[] value = "a".repeat(length).getBytes(ISO_8859_1);
          value[place] = (byte) octet;
          boolean space = octet == ' ' || octet == '\t';
          boolean around = place == 0 || place == length - 1;
          boolean control = octet < ' ' || octet == 0x7f;
          assertThat(Http2Fields.isValue(new String(value, ISO_8859_1)))
              .as("octet %d at %d of %d", octet, place, length)
              .isEqualTo(space ? !around : !control);
        }
      }
    }
    assertThat(Http2Fields.isValue("")).isTrue();
  }
}
