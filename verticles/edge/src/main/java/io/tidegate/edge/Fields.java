package io.tidegate.edge;

import io.vertx.core.http.HttpHeaders;

/**
 * Names of header fields, and values, as bytes: a name in a String is hashed and encoded anew for
 * every message.
 */
final class Fields {
  static final CharSequence REQUEST_ID = HttpHeaders.createOptimized("x-request-id");
  static final CharSequence TRACEPARENT = HttpHeaders.createOptimized("traceparent");
  static final CharSequence TRACESTATE = HttpHeaders.createOptimized("tracestate");
  static final CharSequence RATE_LIMIT = HttpHeaders.createOptimized("ratelimit");
  static final CharSequence RATE_LIMIT_POLICY = HttpHeaders.createOptimized("ratelimit-policy");
  static final CharSequence CACHE_STATUS = HttpHeaders.createOptimized("cache-status");
  static final CharSequence JSON = HttpHeaders.createOptimized("application/json");

  private Fields() {}
}
