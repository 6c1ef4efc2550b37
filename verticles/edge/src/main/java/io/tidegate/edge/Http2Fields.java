package io.tidegate.edge;

import io.tidegate.bus.Failure;
import io.tidegate.bus.FailureException;
import io.tidegate.routing.FieldSyntax;
import io.vertx.core.MultiMap;
import java.util.Map;

/**
 * The rules for header fields that HTTP/1.1's parser enforces and HTTP/2's does not: over HTTP/2 a
 * field may hold any bytes, which no HTTP/1.1 server can be sent.
 */
final class Http2Fields {
  private Http2Fields() {}

  /**
   * Checks names and values (RFC 9113, 8.2.1; names by RFC 9110, 5.1).
   *
   * @throws FailureException {@link Failure#BAD_REQUEST}
   */
  static void check(MultiMap fields) {
    for (Map.Entry<String, String> field : fields) {
      if (!Cors.isToken(field.getKey())) {
        throw Failure.BAD_REQUEST.because(
            "header field name: " + field.getKey() + " (expected: a token, RFC 9110, 5.6.2)");
      }
      if (!isValue(field.getValue())) {
        throw Failure.BAD_REQUEST.because(
            field.getKey()
                + ": a malformed value (expected: no control characters, no white space around it,"
                + " RFC 9113, 8.2.1)");
      }
    }
  }

  static boolean isValue(String value) {
    if (!value.isEmpty()
        && (isSpace(value.charAt(0)) || isSpace(value.charAt(value.length() - 1)))) {
      return false;
    }
    return FieldSyntax.isPlain(value)
        || value.chars().allMatch(c -> c == '\t' || (c >= ' ' && c != 0x7f));
  }

  private static boolean isSpace(char c) {
    return c == ' ' || c == '\t';
  }
}
