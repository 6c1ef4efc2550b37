package io.tidegate.bus;

import io.vertx.core.MultiMap;
import org.jspecify.annotations.Nullable;

/**
 * What follows a request wherever it goes: the request id that is in every answer and log line, and
 * the W3C traceparent.
 *
 * @param requestId shown to the caller; printable ASCII, at most 128 characters
 * @param traceparent <a href="https://www.w3.org/TR/trace-context/">W3C trace context</a>, version
 *     00
 */
public record Trace(String requestId, String traceparent) {
  /** For work that no request asked for. */
  public static final Trace NONE = new Trace("", "");

  static final String REQUEST_ID = "x-request-id";
  static final String TRACEPARENT = "traceparent";

  static Trace from(MultiMap headers) {
    @Nullable String requestId = headers.get(REQUEST_ID);
    @Nullable String traceparent = headers.get(TRACEPARENT);
    return requestId == null && traceparent == null
        ? NONE
        : new Trace(requestId == null ? "" : requestId, traceparent == null ? "" : traceparent);
  }
}
