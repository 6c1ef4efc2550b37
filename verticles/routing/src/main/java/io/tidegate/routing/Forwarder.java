package io.tidegate.routing;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.tidegate.bus.Failure;
import io.tidegate.bus.FailureException;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A streaming reverse proxy: sends a request to its route's upstream and the answer back. One a
 * node, safe from any event loop.
 *
 * <p>Upgrades (WebSocket) are not offered: the Upgrade header ends here, and the request goes on as
 * plain HTTP, as RFC 9110 7.8 allows.
 */
public final class Forwarder {
  private final Heads heads;
  private final ThreadLocal<Deadlines> deadlines;
  private final AtomicInteger loops = new AtomicInteger();
  private final Queue<Deadlines> all = new ConcurrentLinkedQueue<>();

  public Forwarder(Vertx vertx, RoutingConfig config, MeterRegistry meters) {
    Gauge.builder(
            "tidegate.routing.exchanges",
            all,
            each -> each.stream().mapToInt(Deadlines::watched).sum())
        .description("requests being forwarded by this node")
        .register(meters);
    this.heads = new Heads(config.via());
    this.deadlines =
        ThreadLocal.withInitial(
            () -> {
              Deadlines ofThisLoop = new Deadlines(vertx, loops.getAndIncrement());
              all.add(ofThisLoop);
              return ofThisLoop;
            });
  }

  /**
   * Forwards a request. Call it on the request's event loop before its body was read; it pauses the
   * request, and takes over the request's handlers and the response's exception, close and drain
   * handlers (not its end handlers). Headers that are on the response already stay and win over the
   * upstream's.
   *
   * @return completes when the whole answer was handed to the client's connection, or was cut off
   *     after its head had gone out (the response is reset then, so the client sees that it isn't
   *     whole). Fails with a {@link FailureException} only while no head has gone out: the caller
   *     answers with it. {@code CLIENT_CLOSED} means that there is nobody left to answer. Its
   *     members name upstream, endpoint and whose fault it was.
   */
  public Future<Void> forward(HttpServerRequest request, Route route, Forwarding context) {
    if (request.method().equals(HttpMethod.CONNECT)) {
      return Future.failedFuture(
          Failure.METHOD_NOT_ALLOWED.because(
              "method: CONNECT (expected: one that can be forwarded)"));
    }
    try {
      return new Exchange(request, route, context, heads, deadlines.get()).start();
    } catch (FailureException e) {
      return Future.failedFuture(e);
    }
  }

  /**
   * Whether only the connection's end tells the client where the answer in hand ends, so that it
   * has to say {@code Connection: close}: of unknown length, for HTTP/1.0. To be asked in the
   * response's headers-end handler, which comes after Vert.x has said keep-alive; this class closes
   * the connection.
   */
  public static boolean endsWithConnection(HttpServerRequest request) {
    return Answer.endsWithConnection(request);
  }

  /** Stops watching time limits; nothing must be under way any more. */
  public void close() {
    all.forEach(Deadlines::stop);
  }
}
