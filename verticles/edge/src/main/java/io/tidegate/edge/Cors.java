package io.tidegate.edge;

import io.vertx.core.MultiMap;
import java.util.List;
import java.util.Set;

/**
 * Cross-origin rules (<a href="https://fetch.spec.whatwg.org/#http-cors-protocol">Fetch</a>) of the
 * gateway's own operations. Credentials are headers here, never cookies, so any origin may be
 * allowed.
 */
final class Cors {
  private static final String ALLOWED_HEADERS =
      "authorization, content-type, content-encoding, if-none-match, traceparent, x-request-id, x-retry-count";
  private static final String EXPOSED_HEADERS =
      "etag, cache-status, retry-after, ratelimit, ratelimit-policy, www-authenticate, x-request-id";
  private static final String DAY = "86400";

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

  /** Adds to a preflight's answer what may be sent; cached by browsers for as long as they will. */
  void allowPreflight(String methods, MultiMap answer) {
    answer.set("access-control-allow-methods", methods);
    answer.set("access-control-allow-headers", ALLOWED_HEADERS);
    answer.set("access-control-max-age", DAY);
  }
}
