package io.tidegate.routing;

import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * What becomes of a message's head when it passes through: RFC 9110 7.6, RFC 7239, W3C trace
 * context.
 */
final class Heads {
  private static final CharSequence VIA = HttpHeaders.createOptimized("via");
  private static final CharSequence FORWARDED = HttpHeaders.createOptimized("forwarded");
  private static final CharSequence FORWARDED_FOR = HttpHeaders.createOptimized("x-forwarded-for");
  private static final CharSequence FORWARDED_PROTO =
      HttpHeaders.createOptimized("x-forwarded-proto");
  private static final CharSequence FORWARDED_HOST =
      HttpHeaders.createOptimized("x-forwarded-host");
  private static final CharSequence REQUEST_ID = HttpHeaders.createOptimized("x-request-id");
  private static final CharSequence TRACEPARENT = HttpHeaders.createOptimized("traceparent");

  private final CharSequence via10;
  private final CharSequence via11;
  private final CharSequence via2;
  private final CharSequence via3;

  /**
   * @param via this gateway's name in the field Via
   */
  Heads(String via) {
    this.via10 = HttpHeaders.createOptimized("1.0 " + via);
    this.via11 = HttpHeaders.createOptimized("1.1 " + via);
    this.via2 = HttpHeaders.createOptimized("2 " + via);
    this.via3 = HttpHeaders.createOptimized("3 " + via);
  }

  /**
   * Whether a body follows. HTTP/1 says so in the head; in HTTP/2 it need not, so a request without
   * a length is taken to have one unless its method has no use for it (RFC 9110 9.3).
   */
  static boolean hasBody(HttpServerRequest request) {
    if (request.headers().contains(HttpHeaders.TRANSFER_ENCODING)) {
      return true;
    }
    String length = request.headers().get(HttpHeaders.CONTENT_LENGTH);
    if (length != null) {
      return !length.strip().equals("0");
    }
    return request.version() == HttpVersion.HTTP_2
        && !isSafe(request.method())
        && !request.isEnded();
  }

  /** Methods that change nothing: RFC 9110 9.2.1, but TRACE. */
  static boolean isSafe(HttpMethod method) {
    return method.equals(HttpMethod.GET)
        || method.equals(HttpMethod.HEAD)
        || method.equals(HttpMethod.OPTIONS);
  }

  /**
   * Fills in the upstream request's headers.
   *
   * @return whether the body goes in chunks, since nobody knows how long it is
   */
  boolean toUpstream(
      HttpServerRequest from, MultiMap headers, Route route, Forwarding context, boolean hasBody) {
    String length = from.headers().get(HttpHeaders.CONTENT_LENGTH);
    boolean chunked = from.headers().contains(HttpHeaders.TRANSFER_ENCODING);
    String requestId = context.trace().requestId();
    String traceparent = childOf(context.trace().traceparent());
    PassedFields.pass(
        from.headers(),
        headers,
        PassedFields.HOP_BY_HOP
            | PassedFields.REQUEST_FRAME
            | (route.forwardsAuthorization() ? 0 : PassedFields.AUTHORIZATION)
            | (context.peerTrusted() ? 0 : PassedFields.FORWARDED)
            | (requestId.isEmpty() ? 0 : PassedFields.REQUEST_ID)
            | (traceparent == null ? 0 : PassedFields.TRACEPARENT));
    forwarded(from, headers, context);
    headers.add(VIA, received(from.version()));
    if (!requestId.isEmpty()) {
      headers.add(REQUEST_ID, requestId);
    }
    if (traceparent != null) {
      headers.add(TRACEPARENT, traceparent);
    }
    route.requestHeaders().applyTo(headers);
    // Last, since how the body is framed is not up to anybody's rules.
    boolean inChunks = hasBody && (chunked || length == null);
    if (!inChunks && length != null) {
      headers.set(HttpHeaders.CONTENT_LENGTH, length);
    }
    return inChunks;
  }

  private static void forwarded(HttpServerRequest from, MultiMap headers, Forwarding context) {
    String peer =
        context.peerTrusted() ? from.remoteAddress().hostAddress() : context.clientAddress();
    String address = peer == null ? context.clientAddress() : peer;
    String host = from.authority() == null ? "" : from.authority().toString();
    String element =
        "for="
            + node(address)
            + ";proto="
            + context.scheme()
            + (isToken(host) ? ";host=\"" + host + "\"" : "");
    if (context.peerTrusted()) {
      headers.set(FORWARDED_FOR, joined(headers.getAll(FORWARDED_FOR), address));
      headers.set(FORWARDED, joined(headers.getAll(FORWARDED), element));
      if (!headers.contains(FORWARDED_PROTO)) {
        headers.set(FORWARDED_PROTO, context.scheme());
      }
      if (!headers.contains(FORWARDED_HOST) && !host.isEmpty()) {
        headers.set(FORWARDED_HOST, host);
      }
      return;
    }
    // What the client said of itself was not passed on.
    headers.add(FORWARDED_FOR, address);
    headers.add(FORWARDED, element);
    headers.add(FORWARDED_PROTO, context.scheme());
    if (!host.isEmpty()) {
      headers.add(FORWARDED_HOST, host);
    }
  }

  /**
   * Fills in the client response's headers; those that are there already (the edge's own) stay as
   * they are.
   */
  void toClient(MultiMap from, HttpVersion version, MultiMap to, Route route, Forwarding context) {
    if (to.isEmpty()) {
      pass(from, version, to, route, context);
      return;
    }
    MultiMap passed = HttpHeaders.headers();
    pass(from, version, passed, route, context);
    for (String own : to.names()) {
      passed.remove(own);
    }
    to.addAll(passed);
  }

  private void pass(
      MultiMap from, HttpVersion version, MultiMap passed, Route route, Forwarding context) {
    PassedFields.pass(from, passed, PassedFields.HOP_BY_HOP);
    route.responseHeaders().applyTo(passed);
    passed.add(VIA, received(version));
    if (!context.trace().requestId().isEmpty()) {
      passed.set(REQUEST_ID, context.trace().requestId());
    }
    if (!context.trace().traceparent().isEmpty()) {
      passed.set(TRACEPARENT, context.trace().traceparent());
    }
  }

  /** What may go on of a message's trailers: nothing that concerns framing (RFC 9110 6.5.1). */
  static MultiMap trailers(MultiMap from) {
    MultiMap passed = HttpHeaders.headers();
    PassedFields.pass(from, passed, PassedFields.HOP_BY_HOP | PassedFields.CONTENT_LENGTH);
    return passed;
  }

  /** The same trace with a new parent id, or null when there is none. */
  static @Nullable String childOf(String traceparent) {
    if (traceparent.length() != 55) {
      return null;
    }
    long span = ThreadLocalRandom.current().nextLong() | 1;
    return traceparent.substring(0, 36) + hex(span) + traceparent.substring(52);
  }

  private static String hex(long value) {
    String digits = Long.toHexString(value);
    return "0".repeat(16 - digits.length()) + digits;
  }

  private static String joined(List<String> before, String value) {
    return before.isEmpty() ? value : String.join(", ", before) + ", " + value;
  }

  /** RFC 7239 6: IPv6 addresses in brackets and quotes. */
  private static String node(String address) {
    return address.indexOf(':') < 0 ? address : "\"[" + address + "]\"";
  }

  private static boolean isToken(String host) {
    if (host.isEmpty()) {
      return false;
    }
    for (int i = 0; i < host.length(); i++) {
      char c = host.charAt(i);
      if (c <= ' ' || c >= 0x7f || c == '"' || c == '\\') {
        return false;
      }
    }
    return true;
  }

  private CharSequence received(HttpVersion version) {
    return switch (version) {
      case HTTP_1_0 -> via10;
      case HTTP_1_1 -> via11;
      default -> version.name().toLowerCase(Locale.ROOT).contains("2") ? via2 : via3;
    };
  }
}
