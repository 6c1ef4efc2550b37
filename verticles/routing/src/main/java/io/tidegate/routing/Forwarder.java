package io.tidegate.routing;

import io.micrometer.core.instrument.MeterRegistry;
import io.tidegate.bus.Failure;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerRequest;

/**
 * A streaming reverse proxy: sends a request to its route's upstream and the answer back. Safe from
 * any thread.
 */
public final class Forwarder {
  public Forwarder(Vertx vertx, RoutingConfig config, MeterRegistry meters) {}

  /**
   * Forwards a request. Call it before the request's body was read; it pauses the request at once,
   * and takes over the handlers of the request and the response's exception, close and drain
   * handlers (not its end handlers).
   *
   * @return completes when the whole answer was handed to the client's connection, or when the
   *     exchange ended otherwise after its head went out (the response is reset then). Fails with a
   *     {@link io.tidegate.bus.FailureException} only while the response's head has not gone out:
   *     the caller answers with it. The request's body is then discarded.
   */
  public Future<Void> forward(HttpServerRequest request, Route route, Forwarding context) {
    return Future.failedFuture(Failure.NO_ENDPOINT.because(route.name()));
  }
}
