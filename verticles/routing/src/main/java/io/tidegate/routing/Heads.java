package io.tidegate.routing;

import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpClientRequest;
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
  // What concerns one connection only (RFC 9110 7.6.1), and what this gateway answers or sets
  // itself.
  private static final List<CharSequence> HOP_BY_HOP =
      List.of(
          HttpHeaders.createOptimized("connection"),
          HttpHeaders.createOptimized("keep-alive"),
          HttpHeaders.createOptimized("proxy-connection"),
          HttpHeaders.createOptimized("proxy-authenticate"),
          HttpHeaders.createOptimized("proxy-authorization"),
          HttpHeaders.createOptimized("te"),
          HttpHeaders.createOptimized("trailer"),
          HttpHeaders.createOptimized("transfer-encoding"),
          HttpHeaders.createOptimized("upgrade"),
          HttpHeaders.createOptimized("http2-settings"));
  private static final CharSequence CONNECTION = HOP_BY_HOP.getFirst();
  private static final CharSequence VIA = HttpHeaders.createOptimized("via");
  private static final CharSequence FORWARDED = HttpHeaders.createOptimized("forwarded");
  private static final CharSequence FORWARDED_FOR = HttpHeaders.createOptimized("x-forwarded-for");
  private static final CharSequence FORWARDED_PROTO =
      HttpHeaders.createOptimized("x-forwarded-proto");
  private static final CharSequence FORWARDED_HOST =
      HttpHeaders.createOptimized("x-forwarded-host");
  private static final CharSequence REQUEST_ID = HttpHeaders.createOptimized("x-request-id");
  private static final CharSequence TRACEPARENT = HttpHeaders.createOptimized("traceparent");

  private final String via;

  Heads(String via) {
    this.via = via;
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

  /** Fills in the upstream request's headers. */
  void toUpstream(
      HttpServerRequest from,
      HttpClientRequest to,
      Route route,
      Forwarding context,
      boolean hasBody) {
    MultiMap headers = to.headers();
    String length = from.headers().get(HttpHeaders.CONTENT_LENGTH);
    boolean chunked = from.headers().contains(HttpHeaders.TRANSFER_ENCODING);
    headers.addAll(from.headers());
    removeHopByHop(headers);
    headers.remove(HttpHeaders.HOST);
    headers.remove(HttpHeaders.EXPECT);
    headers.remove(HttpHeaders.CONTENT_LENGTH);
    if (!route.forwardsAuthorization()) {
      headers.remove(HttpHeaders.AUTHORIZATION);
    }
    forwarded(from, headers, context);
    headers.add(VIA, received(from.version()) + via);
    if (!context.trace().requestId().isEmpty()) {
      headers.set(REQUEST_ID, context.trace().requestId());
    }
    String traceparent = childOf(context.trace().traceparent());
    if (traceparent != null) {
      headers.set(TRACEPARENT, traceparent);
    }
    route.requestHeaders().applyTo(headers);
    // Last, since how the body is framed is not up to anybody's rules.
    if (hasBody && (chunked || length == null)) {
      to.setChunked(true);
    } else if (length != null) {
      headers.set(HttpHeaders.CONTENT_LENGTH, length);
    }
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
    headers.set(FORWARDED_FOR, address);
    headers.set(FORWARDED, element);
    headers.set(FORWARDED_PROTO, context.scheme());
    if (host.isEmpty()) {
      headers.remove(FORWARDED_HOST);
    } else {
      headers.set(FORWARDED_HOST, host);
    }
    headers.remove("x-real-ip");
    headers.remove("x-forwarded-port");
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
    passed.addAll(from);
    removeHopByHop(passed);
    route.responseHeaders().applyTo(passed);
    passed.add(VIA, received(version) + via);
    if (!context.trace().requestId().isEmpty()) {
      passed.set(REQUEST_ID, context.trace().requestId());
    }
    if (!context.trace().traceparent().isEmpty()) {
      passed.set(TRACEPARENT, context.trace().traceparent());
    }
  }

  /** What may go on of a message's trailers: nothing that concerns framing (RFC 9110 6.5.1). */
  static MultiMap trailers(MultiMap from) {
    MultiMap passed = HttpHeaders.headers().addAll(from);
    removeHopByHop(passed);
    passed.remove(HttpHeaders.CONTENT_LENGTH);
    return passed;
  }

  /** Removes what concerns one connection only, with what its Connection header names. */
  static void removeHopByHop(MultiMap headers) {
    if (headers.contains(CONNECTION)) {
      for (String value : headers.getAll(CONNECTION)) {
        for (String name : value.split(",", -1)) {
          String option = name.strip();
          if (!option.isEmpty()) {
            headers.remove(option);
          }
        }
      }
    }
    for (CharSequence name : HOP_BY_HOP) {
      headers.remove(name);
    }
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

  private static String received(HttpVersion version) {
    return switch (version) {
      case HTTP_1_0 -> "1.0 ";
      case HTTP_1_1 -> "1.1 ";
      default -> version.name().toLowerCase(Locale.ROOT).contains("2") ? "2 " : "3 ";
    };
  }
}
