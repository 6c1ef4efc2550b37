package io.tidegate.routing;

import io.tidegate.bus.Failure;
import io.tidegate.bus.FailureException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/**
 * The one reading of a request's path that rules are matched on: decoded, without path parameters.
 *
 * <p>What two servers may read in two ways is refused, since a rule (of authentication, say) could
 * be walked around with it: {@code .} and {@code ..} segments however encoded, empty segments,
 * encoded slashes, backslashes, control characters, broken escapes and broken UTF-8. The upstream
 * gets the path as the client sent it, so refusing is the only safe answer. Path parameters ({@code
 * ;v=1}, RFC 3986 3.3) don't take part in matching.
 */
final class RequestPath {
  private RequestPath() {}

  /**
   * @param raw as sent, percent-encoded, without query; empty means {@code /}
   * @return starts with a slash; the same string when there was nothing to decode
   * @throws FailureException {@code BAD_REQUEST}
   */
  static String canonical(String raw) {
    if (raw.isEmpty()) {
      return "/";
    }
    if (raw.charAt(0) != '/') {
      throw refused(raw, "a path that starts with a slash");
    }
    boolean plain = true;
    int segment = 1;
    for (int i = 1; i <= raw.length(); i++) {
      char c = i == raw.length() ? '/' : raw.charAt(i);
      if (c == '/') {
        if (i == segment && i < raw.length()) {
          throw refused(raw, "no empty segments");
        }
        if (isDots(raw, segment, i)) {
          throw refused(raw, "no . or .. segments");
        }
        segment = i + 1;
      } else if (c == '%' || c == ';') {
        plain = false;
      } else if (c <= ' ' || c >= 0x7f || c == '\\' || c == '#') {
        throw refused(raw, "printable ASCII without spaces, backslashes or fragments");
      }
    }
    return plain ? raw : decoded(raw);
  }

  private static String decoded(String raw) {
    StringBuilder path = new StringBuilder(raw.length());
    int start = 1;
    while (start <= raw.length()) {
      int slash = raw.indexOf('/', start);
      int end = slash < 0 ? raw.length() : slash;
      int parameters = raw.indexOf(';', start);
      int nameEnd = parameters < 0 || parameters > end ? end : parameters;
      if (nameEnd == start && nameEnd < end) {
        throw refused(raw, "no segment of parameters only");
      }
      String name = decodedSegment(raw, start, nameEnd);
      if (isDots(name, 0, name.length())) {
        throw refused(raw, "no . or .. segments");
      }
      path.append('/').append(name);
      start = end + 1;
    }
    return path.toString();
  }

  private static String decodedSegment(String raw, int start, int end) {
    int escape = raw.indexOf('%', start);
    if (escape < 0 || escape >= end) {
      return raw.substring(start, end);
    }
    ByteBuffer bytes = ByteBuffer.allocate(end - start);
    for (int i = start; i < end; i++) {
      int c = raw.charAt(i);
      if (c == '%') {
        int high = i + 2 < end ? Character.digit(raw.charAt(i + 1), 16) : -1;
        int low = i + 2 < end ? Character.digit(raw.charAt(i + 2), 16) : -1;
        if (high < 0 || low < 0) {
          throw refused(raw, "two hexadecimal digits after each %");
        }
        c = high << 4 | low;
        i += 2;
        if (c < ' ' || c == 0x7f || c == '/' || c == '\\') {
          throw refused(raw, "no encoded slash, backslash or control character");
        }
      }
      bytes.put((byte) c);
    }
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(bytes.flip()).toString();
    } catch (CharacterCodingException e) {
      throw refused(raw, "UTF-8 behind the escapes");
    }
  }

  /**
   * Whether a query can go on as it was sent: printable ASCII without fragment, since a server may
   * end the request line at anything else (RFC 9112 3.2), or read another text than was sent.
   *
   * @param raw as sent, without question mark
   * @throws FailureException {@code BAD_REQUEST}
   */
  static void checkQuery(String raw) {
    for (int i = 0; i < raw.length(); i++) {
      char c = raw.charAt(i);
      if (c <= ' ' || c >= 0x7f || c == '#') {
        throw refused("query", raw, "printable ASCII without spaces or fragments");
      }
    }
  }

  private static boolean isDots(String text, int start, int end) {
    int length = end - start;
    return (length == 1 || length == 2) && text.charAt(start) == '.' && text.charAt(end - 1) == '.';
  }

  private static FailureException refused(String raw, String expected) {
    return refused("path", raw, expected);
  }

  private static FailureException refused(String part, String raw, String expected) {
    String shown = raw.length() <= 200 ? raw : raw.substring(0, 200) + "…";
    return Failure.BAD_REQUEST.because(part + ": " + shown + " (expected: " + expected + ")");
  }

  /**
   * Where the n-th segment starts in a path that {@link #canonical} accepted: the index of its
   * slash; the length when there are fewer.
   */
  static int slashOf(String raw, int n) {
    int at = 0;
    for (int i = 0; i < n; i++) {
      at = raw.indexOf('/', at + 1);
      if (at < 0) {
        return raw.length();
      }
    }
    return at;
  }

  /** The n-th segment, from 0, as sent; empty when there are fewer. */
  static String segment(String raw, int n) {
    int start = slashOf(raw, n);
    int end = slashOf(raw, n + 1);
    return start + 1 > end ? "" : raw.substring(start + 1, end);
  }
}
