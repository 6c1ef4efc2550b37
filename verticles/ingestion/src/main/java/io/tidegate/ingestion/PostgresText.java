package io.tidegate.ingestion;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonStreamContext;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/**
 * Finds text that Postgres can't keep in JSON that was read without fault: U+0000 and halves of
 * surrogate pairs, which only an escape can bring there. What has none costs a glance at eight
 * bytes at a time.
 */
final class PostgresText {
  private static final VarHandle EIGHT =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final long BACKSLASHES = 0x5c5c_5c5c_5c5c_5c5cL;
  private static final long ONES = 0x0101_0101_0101_0101L;
  private static final long HIGH_BITS = 0x8080_8080_8080_8080L;
  private static final int MAX_PATH_CHARS = 120;
  private static final JsonFactory JSON = new JsonFactory();

  private PostgresText() {}

  /**
   * The path of the first such text and what is wrong with it, as in {@code properties.note:
   * contains U+0000}; null when all can be kept.
   *
   * @param from where the value begins
   * @param to behind its end
   * @param under what the path begins with; "" for an event
   */
  static @Nullable String faultIn(byte[] json, int from, int to, String under) {
    return hasFault(json, from, to) ? describe(json, from, to, under) : null;
  }

  private static boolean hasFault(byte[] json, int from, int to) {
    int at = from;
    while (true) {
      at = backslash(json, at, to);
      // Two bytes at least follow in sound JSON: what is escaped, and the text's end.
      if (at + 1 >= to) {
        return false;
      }
      if (json[at + 1] != 'u') {
        at += 2;
        continue;
      }
      int unit = hex(json, at + 2);
      at += 6;
      if (unit == 0 || Character.isLowSurrogate((char) unit)) {
        return true;
      }
      if (Character.isHighSurrogate((char) unit)) {
        if (at + 6 > to
            || json[at] != '\\'
            || json[at + 1] != 'u'
            || !Character.isLowSurrogate((char) hex(json, at + 2))) {
          return true;
        }
        at += 6;
      }
    }
  }

  /** Where the next backslash is; {@code to} when there is none. */
  private static int backslash(byte[] json, int from, int to) {
    int at = from;
    for (; at + Long.BYTES <= to; at += Long.BYTES) {
      long differ = (long) EIGHT.get(json, at) ^ BACKSLASHES;
      // The lowest high bit set is that of the first zero byte.
      long zeros = (differ - ONES) & ~differ & HIGH_BITS;
      if (zeros != 0) {
        return at + Long.numberOfTrailingZeros(zeros) / Byte.SIZE;
      }
    }
    while (at < to && json[at] != '\\') {
      at++;
    }
    return at;
  }

  private static int hex(byte[] json, int at) {
    int unit = 0;
    for (int i = at; i < at + 4; i++) {
      unit = unit << 4 | Character.digit(json[i], 16);
    }
    return unit;
  }

  private static String describe(byte[] json, int from, int to, String under) {
    try (JsonParser parser = JSON.createParser(json, from, to - from)) {
      for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
        String what =
            switch (token) {
              case FIELD_NAME -> fault(parser.currentName());
              case VALUE_STRING -> fault(parser.getText());
              default -> null;
            };
        if (what != null) {
          StringBuilder path = new StringBuilder(under);
          appendPath(parser.getParsingContext(), path);
          int cut = Math.max(0, path.length() - MAX_PATH_CHARS);
          if (Character.isLowSurrogate(path.charAt(cut))) {
            cut++;
          }
          return (cut == 0 ? "" : "…") + path.substring(cut) + ": contains " + what;
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException("reading again what was sound", e);
    }
    throw new IllegalStateException("an escape at fault that is in no text");
  }

  private static void appendPath(JsonStreamContext place, StringBuilder path) {
    JsonStreamContext around = place.getParent();
    if (around != null) {
      appendPath(around, path);
    }
    if (place.inArray()) {
      path.append('[').append(place.getCurrentIndex()).append(']');
    } else if (place.inObject()) {
      path.append(path.isEmpty() ? "" : ".").append(Shown.text(place.getCurrentName()));
    }
  }

  private static @Nullable String fault(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == 0) {
        return "U+0000";
      }
      if (Character.isHighSurrogate(c)
          && i + 1 < text.length()
          && Character.isLowSurrogate(text.charAt(i + 1))) {
        i++;
      } else if (Character.isSurrogate(c)) {
        return "half a surrogate pair";
      }
    }
    return null;
  }
}
