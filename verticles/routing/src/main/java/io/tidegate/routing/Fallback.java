package io.tidegate.routing;

import io.tidegate.bus.Failure;
import io.tidegate.bus.Trace;
import io.tidegate.routing.RoutesYaml.FallbackYaml;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerResponse;

/**
 * What a route answers when its upstream can't.
 *
 * @param upstream name of the upstream it stands in for
 */
record Fallback(FallbackYaml yaml, String upstream) {
  /** Answers in place of the upstream; the answer names why. */
  Future<Void> send(HttpServerResponse response, Trace trace, Failure failure) {
    response.setStatusCode(yaml.status);
    yaml.headers.forEach(response::putHeader);
    if (!trace.requestId().isEmpty()) {
      response.putHeader("x-request-id", trace.requestId());
    }
    response.putHeader("tidegate-fallback", upstream + " " + Blamed.word(failure));
    if (yaml.status == 204 || yaml.status == 304) {
      return response.end();
    }
    return response
        .putHeader(HttpHeaders.CONTENT_TYPE, yaml.contentType)
        .end(Buffer.buffer(yaml.body));
  }
}
