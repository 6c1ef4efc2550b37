package io.tidegate.edge;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http2.Http2CodecUtil;
import io.netty.handler.codec.http2.Http2Settings;
import io.tidegate.bus.Failure;
import io.tidegate.bus.FailureException;
import java.nio.ByteBuffer;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The rules of HTTP/1 for heads that two readers could take differently: where the body ends, and
 * which protocol follows. After a head that breaks one, nothing on its connection can be trusted.
 */
final class Framing {
  private static final int SETTING_BYTES = 6;

  private Framing() {}

  /**
   * Checks a head before any of its body is read.
   *
   * @throws FailureException {@link Failure#BAD_REQUEST}
   */
  static void check(HttpRequest head) {
    HttpHeaders fields = head.headers();
    if (fields.contains("")) {
      throw Failure.BAD_REQUEST.because(
          "header fields: one without a name (expected: a token, RFC 9110, 5.1)");
    }
    if (fields.contains(HttpHeaderNames.TRANSFER_ENCODING)) {
      checkTransferEncoding(head.protocolVersion(), fields);
    }
    if (fields.contains(HttpHeaderNames.UPGRADE, Http2CodecUtil.HTTP_UPGRADE_PROTOCOL_NAME, true)) {
      checkUpgrade(fields);
    }
  }

  /** Stricter than RFC 9112, 6.1 has to be: a body is either of known length or plainly chunked. */
  private static void checkTransferEncoding(HttpVersion version, HttpHeaders fields) {
    List<String> codings = fields.getAll(HttpHeaderNames.TRANSFER_ENCODING);
    if (codings.size() != 1
        || !HttpHeaderValues.CHUNKED.contentEqualsIgnoreCase(codings.getFirst())) {
      throw Failure.BAD_REQUEST.because(
          "transfer-encoding: " + String.join(", ", codings) + " (expected: exactly one, chunked)");
    }
    if (version.compareTo(HttpVersion.HTTP_1_1) < 0) {
      throw Failure.BAD_REQUEST.because(
          "transfer-encoding: chunked in " + version + " (expected: HTTP/1.1, RFC 9112, 6.1)");
    }
    if (fields.contains(HttpHeaderNames.CONTENT_LENGTH)) {
      throw Failure.BAD_REQUEST.because(
          "content-length: "
              + fields.get(HttpHeaderNames.CONTENT_LENGTH)
              + " beside transfer-encoding (expected: one of them, RFC 9112, 6.1)");
    }
  }

  /** RFC 7540, 3.2.1; Vert.x would answer what is not like this without a word, and not close. */
  private static void checkUpgrade(HttpHeaders fields) {
    List<String> settings = fields.getAll(Http2CodecUtil.HTTP_UPGRADE_SETTINGS_HEADER);
    String connection = fields.get(HttpHeaderNames.CONNECTION);
    if (settings.size() != 1
        || settingsOf(settings.getFirst()) == null
        || !names(connection, "upgrade")
        || !names(connection, "http2-settings")) {
      throw Failure.BAD_REQUEST.because(
          "upgrade: h2c (expected: with one HTTP2-Settings, and both named by Connection)");
    }
  }

  private static @Nullable Http2Settings settingsOf(String value) {
    try {
      ByteBuffer payload = ByteBuffer.wrap(Base64.getUrlDecoder().decode(value));
      Http2Settings settings = new Http2Settings();
      while (payload.remaining() >= SETTING_BYTES) {
        settings.put(payload.getChar(), Long.valueOf(payload.getInt() & 0xffff_ffffL));
      }
      return payload.hasRemaining() ? null : settings;
    } catch (IllegalArgumentException notBase64OrNoSuchValue) {
      return null;
    }
  }

  private static boolean names(@Nullable String connection, String option) {
    if (connection != null) {
      for (String named : connection.toLowerCase(Locale.ROOT).split(",", -1)) {
        if (named.strip().equals(option)) {
          return true;
        }
      }
    }
    return false;
  }
}
