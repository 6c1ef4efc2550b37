package io.tidegate.routing;

import io.netty.util.AsciiString;
import io.vertx.core.http.impl.HttpUtils;
import io.vertx.core.http.impl.headers.HeadersMultiMap;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * Which characters a header field may have (RFC 9110, 5.5 and 5.6.2), eight of them at a time.
 * Vert.x's own check goes through them one by one, a token's 700 too; it has the last word on what
 * is out of the ordinary, so that both refuse the same.
 */
public final class FieldSyntax {
  private static final VarHandle EIGHT =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.nativeOrder());
  private static final long ONES = 0x0101010101010101L;
  private static final long HIGH_BITS = 0x8080808080808080L;
  private static final long SPACES = 0x2020202020202020L;
  private static final long DELETES = 0x7f7f7f7f7f7f7f7fL;

  private FieldSyntax() {}

  /**
   * Empty fields for what comes from the wire; adding one that is none throws as {@link #check}.
   */
  public static HeadersMultiMap fields() {
    return HeadersMultiMap.httpHeaders(FieldSyntax::check);
  }

  /**
   * Checks a field.
   *
   * @throws IllegalArgumentException for one that can't be written, or would be read as another
   */
  static void check(CharSequence name, CharSequence value) {
    if (isPlain(value)) {
      HttpUtils.validateHeaderName(name);
    } else {
      HttpUtils.validateHeader(name, value);
    }
  }

  /**
   * Whether a value of octets, as they come from the wire, has no control characters, tabs
   * included; those need a closer look. Characters above 255 are not looked at.
   */
  public static boolean isPlain(CharSequence value) {
    if (value instanceof AsciiString ascii) {
      return isPlain(ascii.array(), ascii.arrayOffset(), ascii.length());
    }
    byte[] octets = value.toString().getBytes(StandardCharsets.ISO_8859_1);
    return isPlain(octets, 0, octets.length);
  }

  static boolean isPlain(byte[] octets, int from, int length) {
    int end = from + length;
    int at = from;
    for (; at <= end - Long.BYTES; at += Long.BYTES) {
      if (hasControl((long) EIGHT.get(octets, at))) {
        return false;
      }
    }
    long rest = SPACES;
    for (; at < end; at++) {
      rest = (rest << Byte.SIZE) | (octets[at] & 0xff);
    }
    return !hasControl(rest);
  }

  /** Whether any of eight bytes is less than a space, or 0x7f. */
  private static boolean hasControl(long eight) {
    long fromDelete = eight ^ DELETES;
    long lessThanSpace = (eight - SPACES) & ~eight;
    long isDelete = (fromDelete - ONES) & ~fromDelete;
    return ((lessThanSpace | isDelete) & HIGH_BITS) != 0;
  }
}
