package io.tidegate.edge;

import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpServerRequest;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Cross-origin rules (<a href="https://fetch.spec.whatwg.org/#http-cors-protocol">Fetch</a>) of the
 * gateway's own operations. Credentials are headers here, never cookies, so any origin may be
 * allowed.
 */
final class Cors {
  private static final List<String> ALLOWED_HEADERS =
      List.of(
          "authorization",
          "content-type",
          "content-encoding",
          "if-none-match",
          "traceparent",
          "x-request-id",
          "x-retry-count");
  private static final String EXPOSED_HEADERS =
      "etag, cache-status, retry-after, ratelimit, ratelimit-policy, www-authenticate, x-request-id";
  private static final String DAY = "86400";
  private static final int MAX_ASKED = 1_024;
  private static final int MAX_NAMES = 32;

  private final boolean any;
  private final Set<String> origins;

  Cors(List<String> origins) {
    this.any = origins.contains("*");
    this.origins = Set.copyOf(origins);
  }

  /**
   * Adds to an answer what lets the page at this origin read it; nothing for an origin that may
   * not.
   */
  void allow(String origin, MultiMap answer) {
    if (any) {
      answer.set("access-control-allow-origin", "*");
    } else {
      answer.add("vary", "origin");
      if (!origins.contains(origin)) {
        return;
      }
      answer.set("access-control-allow-origin", origin);
    }
    answer.set("access-control-expose-headers", EXPOSED_HEADERS);
  }

  /** Answers a question for methods, be it a browser's preflight or not. */
  void answerOptions(Exchange exchange, String methods) {
    HttpServerRequest request = exchange.request();
    MultiMap answer = exchange.response().headers();
    answer.set("allow", methods);
    String origin = request.getHeader("origin");
    if (origin != null && request.getHeader("access-control-request-method") != null) {
      allowPreflight(origin, methods, request.getHeader("access-control-request-headers"), answer);
    }
    exchange.empty(204);
  }

  /**
   * Adds to a preflight's answer what may be sent; cached by browsers for as long as they will.
   * Nothing for an origin that may not.
   *
   * @param asked the header fields that the page wants to send, as the browser lists them: a route
   *     may want ones that only its upstream knows
   */
  void allowPreflight(String origin, String methods, @Nullable String asked, MultiMap answer) {
    if (!any && !origins.contains(origin)) {
      return;
    }
    answer.set("access-control-allow-methods", methods);
    answer.set("access-control-allow-headers", allowedHeaders(asked));
    answer.set("access-control-max-age", DAY);
    answer.add("vary", "access-control-request-headers");
  }

  /** The usual header fields and those asked for; just the usual ones when these are too many. */
  static String allowedHeaders(@Nullable String asked) {
    Set<String> names = new LinkedHashSet<>(ALLOWED_HEADERS);
    if (asked != null && asked.length() <= MAX_ASKED) {
      for (String name : asked.split(",", MAX_NAMES + 1)) {
        String stripped = name.strip();
        if (isToken(stripped)) {
          names.add(stripped.toLowerCase(Locale.ROOT));
        }
      }
    }
    return String.join(", ", names);
  }

  /** Whether a text is a token (RFC 9110, 5.6.2), as names of methods and header fields are. */
  static boolean isToken(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      boolean alphanumeric =
          (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
      if (!alphanumeric && "!#$%&'*+-.^_`|~".indexOf(c) < 0) {
        return false;
      }
    }
    return !text.isEmpty();
  }
}
