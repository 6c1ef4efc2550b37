package io.tidegate.routing;

import io.tidegate.routing.Progress.Phase;
import io.tidegate.routing.Upstream.Choice;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpServerRequest;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One try at an endpoint: the request on its way there, and what the endpoint's breaker is told of
 * it. Lives on the request's event loop only.
 */
final class Attempt {
  private final Outbound outbound;
  private final Upstream upstream;
  private final Choice choice;
  private final Progress progress;
  private final Consumer<HttpClientResponse> answered;
  private final Consumer<Blamed> failed;
  private boolean over;
  private @Nullable HttpClientRequest call;
  private @Nullable Pump upload;

  /**
   * @param answered gets the response's head, unless the attempt is over by then
   * @param failed told why no head came, unless the attempt is over by then
   */
  Attempt(
      Outbound outbound,
      Upstream upstream,
      Choice choice,
      Progress progress,
      Consumer<HttpClientResponse> answered,
      Consumer<Blamed> failed) {
    this.outbound = outbound;
    this.upstream = upstream;
    this.choice = choice;
    this.progress = progress;
    this.answered = answered;
    this.failed = failed;
  }

  Endpoint endpoint() {
    return choice.endpoint();
  }

  void start() {
    endpoint().began();
    upstream.meters().attempt();
    progress.enter(Phase.CONNECT);
    upstream
        .client()
        .request(outbound.optionsFor(endpoint()))
        .onComplete(
            connected -> {
              if (over) {
                if (connected.succeeded()) {
                  var unused = connected.result().reset();
                }
              } else if (connected.succeeded()) {
                send(connected.result());
              } else {
                failed.accept(Blamed.whenConnecting(upstream, endpoint(), connected.cause()));
              }
            });
  }

  private void send(HttpClientRequest connected) {
    call = connected;
    outbound.fillHead(connected);
    connected
        .response()
        .onComplete(
            head -> {
              if (over) {
                return;
              }
              if (head.succeeded()) {
                answered.accept(head.result());
              } else {
                failed.accept(Blamed.beforeAnswer(upstream, endpoint(), head.cause()));
              }
            });
    if (outbound.hasBody()) {
      sendBody(connected);
    } else {
      outbound.request().resume();
      progress.enter(Phase.ANSWER);
      var unused = connected.end();
    }
  }

  private void sendBody(HttpClientRequest connected) {
    HttpServerRequest request = outbound.request();
    progress.enter(Phase.UPLOAD);
    connected.exceptionHandler(
        broken -> {
          if (!over && (progress.is(Phase.UPLOAD) || progress.is(Phase.ANSWER))) {
            failed.accept(Blamed.beforeAnswer(upstream, endpoint(), broken));
          }
        });
    if (outbound.expectsContinue()) {
      var unused = request.response().writeContinue();
    }
    upload = new Pump(request, connected, progress::moved);
    upload.start(
        () -> {
          var unused = connected.end();
          if (progress.is(Phase.UPLOAD)) {
            progress.enter(Phase.ANSWER);
          } else if (progress.is(Phase.DISCARD)) {
            progress.end();
          }
        });
  }

  /** Whether the endpoint takes the request's body more slowly than the client sends it. */
  boolean holdsUpBody() {
    return upload != null && upload.waitsForDestination();
  }

  /** Whether some of the request's body was not sent. */
  boolean hasUnsentBody() {
    return upload != null && !upload.ended();
  }

  /** Tells the breaker what the answer's status says of the endpoint. */
  void judge(int status) {
    if (upstream.settings().breaker.statuses.contains(status)) {
      endpoint().breaker().failed(choice.permit());
    } else {
      endpoint().breaker().succeeded(choice.permit());
    }
  }

  /** Ends it by the endpoint's fault. */
  void fail(Blamed blamed) {
    if (blamed.counts()) {
      endpoint().breaker().failed(choice.permit());
    } else {
      endpoint().breaker().abandoned(choice.permit());
    }
    if (blamed.kind() == Blamed.Kind.NOT_CONNECTED) {
      endpoint().avoidUntil(System.nanoTime() + upstream.settings().avoidFor.toNanos());
    }
    leave();
    reset();
  }

  /** Ends it for another to begin: the endpoint answered that it can't now. */
  void refuse(HttpClientResponse answer) {
    endpoint().breaker().failed(choice.permit());
    leave();
    answer.exceptionHandler(reset -> {});
    reset();
  }

  /** Ends it, if it isn't over, without saying anything about the endpoint. */
  void abandon() {
    if (!over) {
      endpoint().breaker().abandoned(choice.permit());
      leave();
    }
    reset();
  }

  boolean isOver() {
    return over;
  }

  /** It asks nothing more of the endpoint. */
  void leave() {
    if (!over) {
      over = true;
      endpoint().ended();
    }
  }

  /** Gives up the call, if there is one: its connection can't be used again as it is. */
  void reset() {
    HttpClientRequest open = call;
    call = null;
    if (open != null) {
      var unused = open.reset();
    }
  }
}
