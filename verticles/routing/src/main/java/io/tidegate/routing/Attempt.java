package io.tidegate.routing;

import io.tidegate.bus.Failure;
import io.tidegate.routing.Progress.Phase;
import io.tidegate.routing.Upstream.Choice;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpClosedException;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.impl.ConnectionBase;
import java.io.IOException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One try at an endpoint: the request on its way there, and what the endpoint's breaker is told of
 * it. Lives on the request's event loop only.
 */
final class Attempt {
  private static final Logger log = LoggerFactory.getLogger(Attempt.class);

  private final Outbound outbound;
  private final Upstream upstream;
  private final int part;
  private final Choice choice;
  private final Progress progress;
  private final Consumer<HttpClientResponse> answered;
  private final Consumer<Blamed> attemptFailed;
  // The breaker pays no heed to one that was given back.
  private long permit;
  private long answeredAt;
  private boolean over;
  // Whether it waits for a connection: it can't be taken out of the line.
  private boolean asked;
  // Whether a byte of the request may have gone out.
  private boolean sent;
  private @Nullable HttpClientRequest call;
  private @Nullable Pump upload;

  /**
   * @param part which of the upstream's connections are this loop's
   * @param answered gets the response's head, unless the attempt is over by then
   * @param attemptFailed told why no head came, unless the attempt is over by then
   */
  Attempt(
      Outbound outbound,
      Upstream upstream,
      int part,
      Choice choice,
      Progress progress,
      Consumer<HttpClientResponse> answered,
      Consumer<Blamed> attemptFailed) {
    this.outbound = outbound;
    this.upstream = upstream;
    this.part = part;
    this.choice = choice;
    this.permit = choice.permit();
    this.progress = progress;
    this.answered = answered;
    this.attemptFailed = attemptFailed;
  }

  Endpoint endpoint() {
    return choice.endpoint();
  }

  void start() {
    endpoint().began(part);
    upstream.meters().attempt();
    progress.enter(Phase.CONNECT);
    Future<HttpClientRequest> connection;
    try {
      connection = upstream.clients().part(part).request(outbound.optionsFor(endpoint()));
    } catch (RuntimeException e) { // it is closed, say
      notSent(e);
      return;
    }
    asked = true;
    connection.onComplete(this::connected, this::notConnected);
  }

  private void notConnected(Throwable cause) {
    served();
    if (!over) {
      attemptFailed.accept(Blamed.whenConnecting(upstream, cause));
    }
  }

  private void served() {
    asked = false;
    if (over) {
      endpoint().cameInVain(part);
    }
  }

  private void connected(HttpClientRequest connected) {
    served();
    call = connected;
    connected.exceptionHandler(this::broken);
    if (over) {
      reset();
      return;
    }
    try {
      outbound.fillHead(connected);
      sent = true;
      send(connected);
    } catch (RuntimeException e) {
      if (sent) {
        cut(connected);
      }
      notSent(e);
    }
  }

  private void send(HttpClientRequest connected) {
    connected.response().onComplete(this::headCame, this::broken);
    if (outbound.hasBody()) {
      sendBody(connected);
    } else {
      outbound.resume();
      progress.enter(Phase.ANSWER);
      var unused = connected.end().onFailure(this::notWritten);
    }
  }

  private void headCame(HttpClientResponse head) {
    // Until somebody reads it: Vert.x logs what nobody handles.
    head.exceptionHandler(broken -> {});
    if (!over) {
      answered.accept(head);
    }
  }

  /** The connection is lost, or what comes over it is not HTTP. */
  private void broken(Throwable cause) {
    if (!over && answeredAt == 0) {
      attemptFailed.accept(Blamed.beforeAnswer(upstream, cause));
    }
  }

  /**
   * Some of it was not written. When the connection is at fault that shows in what comes over it,
   * which may be an early answer.
   */
  private void notWritten(Throwable cause) {
    if (!(cause instanceof IOException) && !(cause instanceof HttpClosedException)) {
      notSent(cause);
    }
  }

  private void notSent(Throwable cause) {
    if (over || answeredAt != 0) {
      return;
    }
    Blamed blamed = Blamed.notSendable(upstream, cause);
    if (blamed.failure().failure() == Failure.INTERNAL) {
      log.atError()
          .setCause(cause)
          .addKeyValue("upstream", upstream.name())
          .log("a request could not be sent");
    }
    attemptFailed.accept(blamed);
  }

  private void sendBody(HttpClientRequest connected) {
    HttpServerRequest request = outbound.request();
    progress.enter(Phase.UPLOAD);
    if (outbound.expectsContinue()) {
      var unused = request.response().writeContinue();
    }
    upload = new Pump(request, connected, progress::moved, this::notWritten);
    upload.start(
        () -> {
          var unused = connected.end().onFailure(this::notWritten);
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

  /** Whether it waits for one of this gateway's connections to come free. */
  boolean waitsForConnection() {
    return asked && endpoint().inLine(part) > upstream.clients().connectionsEach();
  }

  /** Tells the breaker what the answer's head says of the endpoint. */
  void judge(HttpClientResponse head) {
    reached();
    answeredAt = System.nanoTime();
    if (upstream.settings().breaker.statuses.contains(head.statusCode())) {
      failed();
    } else {
      permit = endpoint().breaker().answered(permit);
    }
  }

  private void reached() {
    if (endpoint().reached()) {
      log.atInfo()
          .addKeyValue("upstream", upstream.name())
          .addKeyValue("endpoint", endpoint().url())
          .log("an endpoint answers again");
    }
  }

  private void failed() {
    endpoint().breaker().failed(permit);
    permit = Breaker.REFUSED;
  }

  private void neither() {
    endpoint().breaker().abandoned(permit);
    permit = Breaker.REFUSED;
  }

  /** Ends it well: all of the answer came. */
  void succeed() {
    endpoint().breaker().succeeded(permit);
    permit = Breaker.REFUSED;
    leave();
  }

  /** Ends it within the answer's body, by the endpoint's fault or another's. */
  void breakOff(boolean endpointsFault) {
    if (endpointsFault) {
      failed();
    } else {
      neither();
    }
    leave();
    reset();
  }

  /** Ends it by the endpoint's fault. */
  void fail(Blamed blamed) {
    if (blamed.counts()) {
      failed();
    } else {
      neither();
    }
    if (blamed.kind() == Blamed.Kind.NOT_CONNECTED
        && endpoint().avoidUntil(System.nanoTime() + upstream.settings().avoidFor.toNanos())) {
      log.atWarn()
          .addKeyValue("upstream", upstream.name())
          .addKeyValue("endpoint", endpoint().url())
          .addKeyValue("failure", blamed.failure().getMessage())
          .log("an endpoint cannot be reached; others go first");
    }
    leave();
    reset();
  }

  /**
   * Ends it for another to begin: the endpoint answered that it can't now. Whether that counts
   * against it is for the breaker's own statuses to say.
   */
  void refuse(HttpClientResponse answer) {
    judge(answer);
    endpoint().breaker().succeeded(permit);
    permit = Breaker.REFUSED;
    leave();
    answer.exceptionHandler(reset -> {});
    reset();
  }

  /**
   * Ends it, if it isn't over, without saying anything about the endpoint; unless the answer held
   * for as long as an open breaker would have, as a stream does that only its client ends.
   */
  void abandon() {
    if (!over) {
      long openFor = upstream.settings().breaker.openFor.toNanos();
      if (answeredAt != 0 && System.nanoTime() - answeredAt >= openFor) {
        succeed();
      } else {
        neither();
        leave();
      }
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
      endpoint().ended(part);
      if (asked) {
        endpoint().leftLine(part);
      }
    }
  }

  /** Gives up the call, if there is one: its connection can't be used again as it is. */
  void reset() {
    HttpClientRequest open = call;
    call = null;
    if (open == null) {
      return;
    }
    Context loop = Vertx.currentContext();
    if (sent || loop == null) {
      var unused = open.reset();
    } else {
      // The connection goes to the next in line at once, who may give it up in turn: not on top of
      // this stack.
      loop.runOnContext(later -> open.reset());
    }
  }

  /** Closes a connection that no longer takes anything, not even that it is to be closed. */
  private static void cut(HttpClientRequest stuck) {
    if (stuck.connection() instanceof ConnectionBase connection) {
      var unused = connection.channelHandlerContext().close();
    }
  }
}
