package io.tidegate.routing;

import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.internal.ContextInternal;
import io.vertx.core.net.HostAndPort;
import java.util.function.Consumer;

/** A client's request as the upstream is to get it, whichever endpoint that is. */
final class Outbound {
  private final HttpServerRequest request;
  private final Route route;
  private final Forwarding context;
  private final Heads heads;
  private final ContextInternal owner = ContextInternal.current();
  private final boolean hasBody;
  private final String uri;
  private final String balanceKey;

  /**
   * @throws io.tidegate.bus.FailureException {@code BAD_REQUEST} for a query that can't go on
   */
  Outbound(HttpServerRequest request, Route route, Forwarding context, Heads heads) {
    this.request = request;
    this.route = route;
    this.context = context;
    this.heads = heads;
    this.hasBody = Heads.hasBody(request);
    String sent = request.path();
    String path = sent == null || sent.isEmpty() ? "/" : sent;
    String query = request.query();
    if (query != null) {
      RequestPath.checkQuery(query);
    }
    String target = route.rewrite().apply(path);
    this.uri = query == null || query.isEmpty() ? target : target + "?" + query;
    this.balanceKey = route.balanceKey(path, context.customerId(), context.clientAddress());
  }

  /** The client's request; its body can be read once. */
  HttpServerRequest request() {
    return request;
  }

  /** The request's own context; limits of time run out on another of the same event loop. */
  ContextInternal owner() {
    return owner;
  }

  /** Lets the client's body, or its end, come. */
  void resume() {
    if (!request.isEnded()) { // HTTP/2 throws then
      request.resume();
    }
  }

  boolean hasBody() {
    return hasBody;
  }

  /** What an endpoint is picked by. */
  String balanceKey() {
    return balanceKey;
  }

  /** Whether sending it twice does no harm, and can be done. */
  boolean isRepeatable() {
    return Heads.isSafe(request.method()) && !hasBody;
  }

  /**
   * Whether the client holds its body back until it is told to go on; HTTP/1.0 knows no such thing
   * (RFC 9110 10.1.1).
   */
  boolean expectsContinue() {
    return request.version() != HttpVersion.HTTP_1_0
        && "100-continue".equalsIgnoreCase(request.getHeader(HttpHeaders.EXPECT));
  }

  /**
   * Makes the call's head.
   *
   * @param answered gets the answer once its head is there
   * @param lost told why there will be none
   * @throws IllegalArgumentException for what HTTP/1.1 can't carry
   */
  void head(
      UpstreamCall call,
      Endpoint endpoint,
      Consumer<UpstreamAnswer> answered,
      Consumer<Throwable> lost) {
    if (heads.toUpstream(request, call.headers(), route, context, hasBody)) {
      call.setChunked();
    }
    HostAndPort authority = request.authority();
    String host =
        route.preservesHost() && authority != null ? authority.toString() : endpoint.authority();
    call.head(request.method(), uri, host, answered, lost);
  }
}
