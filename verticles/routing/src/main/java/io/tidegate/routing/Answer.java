package io.tidegate.routing;

import io.tidegate.routing.Progress.Phase;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import org.jspecify.annotations.Nullable;

/** An upstream's answer on its way to the client: head, body and trailers, but not the end. */
final class Answer {
  private final UpstreamAnswer from;
  private final HttpServerRequest request;
  private final HttpServerResponse to;
  private final Progress progress;
  private @Nullable Pump pump;

  Answer(UpstreamAnswer from, HttpServerRequest request, Progress progress) {
    this.from = from;
    this.request = request;
    this.to = request.response();
    this.progress = progress;
  }

  void passHead(Heads heads, Route route, Forwarding context) {
    progress.enter(Phase.DOWNLOAD);
    to.setStatusCode(from.statusCode());
    heads.toClient(from.headers(), from.version(), to.headers(), route, context);
  }

  /**
   * Passes the body on, if there is one, at the client's speed.
   *
   * @param whole called when all of the body was passed on
   * @param cutOff called when the rest of it won't come
   */
  void passBody(Runnable whole, Runnable cutOff) {
    from.exceptionHandler(broken -> cutOff.run());
    if (hasNoBody(request, from.statusCode())) {
      if (from.statusCode() == 204) {
        to.headers().remove(HttpHeaders.CONTENT_LENGTH);
      }
      from.endHandler(end -> whole.run());
      from.resume();
      return;
    }
    String length = to.headers().get(HttpHeaders.CONTENT_LENGTH);
    if (length == null) {
      to.setChunked(true);
    }
    pump = new Pump(from, to, progress::moved);
    if (length != null) {
      pump.expect(lengthOf(length));
    }
    pump.start(whole);
  }

  /** Ends it, with what is left to write. */
  Future<Void> end() {
    Buffer last = pump == null ? null : pump.last();
    return last == null ? to.end() : to.end(last);
  }

  private static long lengthOf(String value) {
    try {
      return Long.parseLong(value);
    } catch (NumberFormatException e) { // an odd one is the client's to judge
      return -1;
    }
  }

  /**
   * Whether only the connection's end tells the client where the body ends (RFC 9112 6.3). Known
   * once the head is complete.
   */
  static boolean endsWithConnection(HttpServerRequest request) {
    HttpServerResponse to = request.response();
    return request.version() == HttpVersion.HTTP_1_0
        && !hasNoBody(request, to.getStatusCode())
        && !to.headers().contains(HttpHeaders.CONTENT_LENGTH);
  }

  /** Whether the client takes the body more slowly than the upstream sends it. */
  boolean waitsForClient() {
    return pump != null && pump.waitsForDestination();
  }

  void passTrailers() {
    if (to.isChunked() && !from.trailers().isEmpty()) {
      to.trailers().addAll(Heads.trailers(from.trailers()));
    }
  }

  private static boolean hasNoBody(HttpServerRequest request, int status) {
    return request.method().equals(HttpMethod.HEAD) || status == 204 || status == 304;
  }
}
