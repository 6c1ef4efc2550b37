package io.tidegate.edge;

import io.tidegate.bus.Failure;
import io.tidegate.bus.FailureException;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;

/** The rules for a request's head, once it could be read. */
final class RequestHead {
  private RequestHead() {}

  /**
   * Checks it before anything is done for the request.
   *
   * @throws FailureException {@link Failure#BAD_REQUEST} or {@link Failure#URI_TOO_LONG}
   */
  static void check(HttpServerRequest request, EdgeConfig config) {
    if (request.version() == HttpVersion.HTTP_1_1
        && (request.authority() == null
            || request.headers().getAll(HttpHeaders.HOST).size() != 1)) {
      throw Failure.BAD_REQUEST.because(
          "host: "
              + request.headers().getAll(HttpHeaders.HOST)
              + " (expected: exactly one, RFC 9112, 3.2)");
    }
    if (request.uri() == null) { // a CONNECT by HTTP/2 has none
      throw Failure.BAD_REQUEST.because(
          ":path: absent (expected: one; nobody can CONNECT through this)");
    }
    if (request.uri().length() > config.maxRequestLineBytes()) {
      throw Failure.URI_TOO_LONG.because(
          "uri: "
              + request.uri().length()
              + " characters (expected: <= "
              + config.maxRequestLineBytes()
              + ")");
    }
    if (request.version() == HttpVersion.HTTP_2) {
      Http2Fields.check(request.headers());
    }
  }
}
