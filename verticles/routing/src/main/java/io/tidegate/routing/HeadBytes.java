package io.tidegate.routing;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.util.AsciiString;
import io.vertx.core.http.impl.HttpUtils;
import io.vertx.core.http.impl.headers.HeadersMultiMap;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Iterator;
import java.util.Map;

/**
 * A request's head as HTTP/1.1 has it (RFC 9112, 3 and 5), checked as it is written and copied
 * once. A field's characters are octets, as in what was read from the wire, so that what a client
 * sent in UTF-8 goes on in it; routes' own fields are ASCII.
 */
final class HeadBytes {
  private static final int USUAL = 1_024;
  private static final byte[] VERSION = " HTTP/1.1\r\n".getBytes(StandardCharsets.US_ASCII);

  private byte[] bytes = new byte[USUAL];
  private int length;

  /** The line that a request begins with; its target in UTF-8. */
  void requestLine(String method, String target) {
    text(method);
    reserve(1);
    bytes[length++] = ' ';
    octets(target.getBytes(StandardCharsets.UTF_8));
    octets(VERSION);
  }

  /**
   * The fields, and the empty line after them.
   *
   * @throws IllegalArgumentException for one that would be read as another
   */
  void fields(HeadersMultiMap fields) {
    Iterator<Map.Entry<CharSequence, CharSequence>> all = fields.iteratorCharSequence();
    while (all.hasNext()) {
      Map.Entry<CharSequence, CharSequence> field = all.next();
      HttpUtils.validateHeaderName(field.getKey());
      text(field.getKey());
      reserve(2);
      bytes[length++] = ':';
      bytes[length++] = ' ';
      int from = length;
      text(field.getValue());
      if (!FieldSyntax.isPlain(bytes, from, length - from)) {
        HttpUtils.validateHeaderValue(new AsciiString(bytes, from, length - from, true));
      }
      lineEnd();
    }
    lineEnd();
  }

  ByteBuf in(ByteBufAllocator alloc) {
    return alloc.buffer(length).writeBytes(bytes, 0, length);
  }

  private void lineEnd() {
    reserve(2);
    bytes[length++] = '\r';
    bytes[length++] = '\n';
  }

  /** Each character as one octet: the checks are of what was written, not of the text. */
  @SuppressWarnings("deprecation") // the one way to copy a String's octets to where they belong
  private void text(CharSequence text) {
    if (text instanceof AsciiString ascii) {
      reserve(ascii.length());
      ascii.copy(0, bytes, length, ascii.length());
      length += ascii.length();
    } else {
      String string = text.toString();
      reserve(string.length());
      string.getBytes(0, string.length(), bytes, length);
      length += string.length();
    }
  }

  private void octets(byte[] octets) {
    reserve(octets.length);
    System.arraycopy(octets, 0, bytes, length, octets.length);
    length += octets.length;
  }

  private void reserve(int more) {
    if (bytes.length - length < more) {
      bytes = Arrays.copyOf(bytes, Math.max(length + more, bytes.length * 2));
    }
  }
}
