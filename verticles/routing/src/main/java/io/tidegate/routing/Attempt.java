package io.tidegate.routing;

import io.tidegate.bus.Failure;
import io.tidegate.routing.Progress.Phase;
import io.tidegate.routing.Upstream.Choice;
import io.vertx.core.http.HttpServerRequest;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One try at an endpoint: the request on its way there, and what the endpoint's breaker is told of
 * it. Lives on the request's event loop only.
 */
final class Attempt implements ConnectionPool.Taker {
  private static final Logger log = LoggerFactory.getLogger(Attempt.class);

  private final Outbound outbound;
  private final Upstream upstream;
  private final int part;
  private final Choice choice;
  private final Progress progress;
  private final ConnectionPool connections;
  private final Consumer<UpstreamAnswer> answered;
  private final Consumer<Blamed> attemptFailed;
  // The breaker pays no heed to one that was given back.
  private long permit;
  private long answeredAt;
  private boolean over;
  // While it waits for a connection.
  private ConnectionPool.@Nullable Ticket ticket;
  private @Nullable UpstreamCall call;
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
      Consumer<UpstreamAnswer> answered,
      Consumer<Blamed> attemptFailed) {
    this.outbound = outbound;
    this.upstream = upstream;
    this.part = part;
    this.choice = choice;
    this.permit = choice.permit();
    this.progress = progress;
    this.connections = upstream.connections().part(part, choice.endpoint());
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
    ticket = connections.take(outbound.owner(), this);
  }

  @Override
  public void notConnected(Throwable cause) {
    ticket = null;
    if (!over) {
      attemptFailed.accept(Blamed.whenConnecting(upstream, cause));
    }
  }

  @Override
  public void connected(UpstreamCall connected) {
    ticket = null;
    call = connected;
    if (over) {
      reset();
      return;
    }
    try {
      outbound.head(connected, endpoint(), answered, this::broken);
      if (!over) { // the connection may have been lost meanwhile
        send(connected);
      }
    } catch (RuntimeException e) {
      notSent(e);
    }
  }

  private void send(UpstreamCall connected) {
    if (outbound.hasBody()) {
      sendBody(connected);
    } else {
      outbound.resume();
      progress.enter(Phase.ANSWER);
      var unused = connected.end();
    }
  }

  /** The connection is lost, or what comes over it is not HTTP. */
  private void broken(Throwable cause) {
    if (!over && answeredAt == 0) {
      attemptFailed.accept(Blamed.beforeAnswer(upstream, cause));
    }
  }

  private void notSent(RuntimeException cause) {
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

  private void sendBody(UpstreamCall connected) {
    HttpServerRequest request = outbound.request();
    progress.enter(Phase.UPLOAD);
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

  /** Whether it waits for one of this gateway's connections to come free. */
  boolean waitsForConnection() {
    return ticket != null && connections.isBehind(ticket);
  }

  /** Tells the breaker what the answer's head says of the endpoint. */
  void judge(UpstreamAnswer head) {
    reached();
    answeredAt = System.nanoTime();
    int status = head.statusCode();
    if (status >= 400 && upstream.settings().breaker.statuses.contains(status)) {
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
  void refuse(UpstreamAnswer answer) {
    judge(answer);
    endpoint().breaker().succeeded(permit);
    permit = Breaker.REFUSED;
    leave();
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
      if (ticket != null) {
        connections.leave(ticket);
        ticket = null;
      }
    }
  }

  /** Gives up the call, if there is one: its connection can't be used again as it is. */
  void reset() {
    UpstreamCall open = call;
    call = null;
    if (open != null) {
      open.reset();
    }
  }
}
