package io.tidegate.routing;

import io.tidegate.bus.Failure;
import io.tidegate.bus.FailureException;
import io.tidegate.routing.RouteMeters.Outcome;
import io.tidegate.routing.RoutesYaml.FallbackYaml;
import io.tidegate.routing.Upstream.Choice;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.HostAndPort;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One request on its way: to an endpoint, perhaps to another one, and its answer back. Lives on the
 * request's event loop only.
 */
final class Exchange {
  private enum Phase {
    /** waiting for a connection */
    CONNECT,
    /** sending the request's body */
    UPLOAD,
    /** waiting for the response's head */
    ANSWER,
    /** passing the response's body on */
    DOWNLOAD,
    /** answered; the rest of the request's body is of no use */
    DISCARD,
    DONE
  }

  private final HttpServerRequest request;
  private final HttpServerResponse response;
  private final Route route;
  private final Upstream upstream;
  private final Forwarding context;
  private final Heads heads;
  private final Deadlines deadlines;
  private final boolean hasBody;
  private final String path;
  private final String uri;
  private final String balanceKey;
  private final long startedAt = System.nanoTime();
  private final Promise<Void> done = Promise.promise();
  private final Set<Endpoint> tried = new HashSet<>(2);

  private Phase phase = Phase.CONNECT;
  private long phaseEndsAt;
  private int attempts;
  private @Nullable Choice choice;
  private @Nullable HttpClientRequest call;
  private @Nullable Pump upload;
  private @Nullable Pump download;

  Exchange(
      HttpServerRequest request,
      Route route,
      Forwarding context,
      Heads heads,
      Deadlines deadlines) {
    this.request = request;
    this.response = request.response();
    this.route = route;
    this.upstream = route.upstream();
    this.context = context;
    this.heads = heads;
    this.deadlines = deadlines;
    this.hasBody = Heads.hasBody(request);
    String sent = request.path();
    this.path = sent == null || sent.isEmpty() ? "/" : sent;
    String query = request.query();
    String target = route.rewrite().apply(path);
    this.uri = query == null || query.isEmpty() ? target : target + "?" + query;
    this.balanceKey = route.balanceKey(path, context.customerId(), context.clientAddress());
  }

  Future<Void> start() {
    request.pause();
    request.exceptionHandler(this::clientGone);
    response.exceptionHandler(this::clientGone);
    response.closeHandler(closed -> clientGone(null));
    deadlines.watch(this);
    upstream.budget().request();
    attempt();
    return done.future();
  }

  // --- to the upstream ---

  private void attempt() {
    Endpoint endpoint;
    try {
      choice = upstream.choose(balanceKey, tried);
      endpoint = choice.endpoint();
    } catch (FailureException e) {
      upstream.meters().failed(e.failure());
      fail(e);
      return;
    }
    int attempt = ++attempts;
    tried.add(endpoint);
    endpoint.began();
    upstream.meters().attempt();
    enter(Phase.CONNECT, upstream.settings().connectTimeout.plusMillis(2 * Deadlines.TICK_MS));
    RequestOptions options =
        new RequestOptions()
            .setMethod(request.method())
            .setHost(endpoint.host())
            .setPort(endpoint.port())
            .setSsl(endpoint.tls())
            .setURI(uri);
    upstream
        .client()
        .request(options)
        .onComplete(
            connected -> {
              if (isOver(attempt)) {
                if (connected.succeeded()) {
                  var unused = connected.result().reset();
                }
              } else if (connected.succeeded()) {
                send(connected.result(), attempt);
              } else {
                attemptFailed(Blamed.whenConnecting(upstream, endpoint, connected.cause()));
              }
            });
  }

  private void send(HttpClientRequest connected, int attempt) {
    call = connected;
    heads.toUpstream(request, connected, route, context, hasBody);
    HostAndPort authority = request.authority();
    if (route.preservesHost() && authority != null) {
      connected.authority(authority);
    }
    connected
        .response()
        .onComplete(
            answered -> {
              if (isOver(attempt)) {
                return;
              }
              if (answered.succeeded()) {
                answer(answered.result());
              } else {
                attemptFailed(Blamed.beforeAnswer(upstream, endpoint(), answered.cause()));
              }
            });
    if (!hasBody) {
      request.resume();
      enter(Phase.ANSWER, route.answerTimeout());
      var unused = connected.end();
      return;
    }
    enter(Phase.UPLOAD, route.idleTimeout());
    connected.exceptionHandler(
        broken -> {
          if (!isOver(attempt) && (phase == Phase.UPLOAD || phase == Phase.ANSWER)) {
            attemptFailed(Blamed.beforeAnswer(upstream, endpoint(), broken));
          }
        });
    if ("100-continue".equalsIgnoreCase(request.getHeader(HttpHeaders.EXPECT))) {
      var unused = response.writeContinue();
    }
    upload = new Pump(request, connected, this::moved);
    upload.start(
        () -> {
          var unused = connected.end();
          if (phase == Phase.UPLOAD) {
            enter(Phase.ANSWER, route.answerTimeout());
          } else if (phase == Phase.DISCARD) {
            over();
          }
        });
  }

  /** Ends this attempt, and begins another if that can help and may be. */
  private void attemptFailed(Blamed blamed) {
    Choice failed = choice;
    if (failed == null) {
      return;
    }
    upstream.meters().failed(blamed.failure().failure());
    if (blamed.counts()) {
      failed.endpoint().breaker().failed(failed.permit());
    } else {
      failed.endpoint().breaker().abandoned(failed.permit());
    }
    if (blamed.kind() == Blamed.Kind.NOT_CONNECTED) {
      failed.endpoint().avoidUntil(System.nanoTime() + upstream.settings().avoidFor.toNanos());
    }
    leaveEndpoint(failed);
    resetCall();
    if (mayRetry(blamed.kind())) {
      attempt();
    } else {
      fail(blamed.failure());
    }
  }

  private boolean mayRetry(Blamed.Kind kind) {
    boolean harmless =
        switch (kind) {
          // Not a byte of the request has left, so this is no repetition whatever the method.
          case NOT_CONNECTED -> upload == null;
          case BROKEN, STATUS -> Heads.isSafe(request.method()) && !hasBody;
          case TIMED_OUT, REFUSED_HERE -> false;
        };
    // A broken connection may have been a stale one, which the same endpoint can make good; else
    // only another can.
    boolean somebodyElse = kind == Blamed.Kind.BROKEN || tried.size() < upstream.endpoints().size();
    if (!harmless
        || !somebodyElse
        || attempts > upstream.settings().retry.attempts
        || response.closed()) {
      return false;
    }
    if (!upstream.budget().tryRetry()) {
      upstream.meters().retryRefused();
      return false;
    }
    upstream.meters().retry();
    return true;
  }

  // --- back to the client ---

  private void answer(HttpClientResponse answer) {
    Choice answering = choice;
    if (answering == null) {
      return;
    }
    int status = answer.statusCode();
    answering.endpoint().reached();
    if (upstream.settings().retry.statuses.contains(status) && mayRetry(Blamed.Kind.STATUS)) {
      answering.endpoint().breaker().failed(answering.permit());
      leaveEndpoint(answering);
      answer.exceptionHandler(reset -> {});
      resetCall();
      attempt();
      return;
    }
    if (upstream.settings().breaker.statuses.contains(status)) {
      answering.endpoint().breaker().failed(answering.permit());
    } else {
      answering.endpoint().breaker().succeeded(answering.permit());
    }
    if (status < 200 || status > 599) {
      attemptFailed(
          Blamed.beforeAnswer(
              upstream, answering.endpoint(), new IllegalStateException("status " + status)));
      return;
    }
    enter(Phase.DOWNLOAD, route.idleTimeout());
    response.setStatusCode(status);
    heads.toClient(answer.headers(), answer.version(), response.headers(), route, context);
    answer.exceptionHandler(broken -> cutOff());
    if (request.method().equals(HttpMethod.HEAD) || status == 204 || status == 304) {
      if (status == 204) {
        response.headers().remove(HttpHeaders.CONTENT_LENGTH);
      }
      answer.endHandler(end -> answered(answer));
      answer.resume();
      return;
    }
    if (!response.headers().contains(HttpHeaders.CONTENT_LENGTH)) {
      response.setChunked(true);
    }
    download = new Pump(answer, response, this::moved);
    download.start(() -> answered(answer));
  }

  private void answered(HttpClientResponse answer) {
    if (phase != Phase.DOWNLOAD) {
      return;
    }
    if (response.isChunked() && !answer.trailers().isEmpty()) {
      response.trailers().addAll(answer.trailers());
    }
    route.meters().ended(Outcome.ofStatus(response.getStatusCode()), System.nanoTime() - startedAt);
    Choice finished = choice;
    if (finished != null) {
      leaveEndpoint(finished);
    }
    boolean unread = upload != null && !upload.ended();
    if (unread) {
      // The upstream answered without wanting the rest of the body; its connection can't be used
      // again.
      resetCall();
      discardBody();
    }
    response.end().onComplete(sent -> done.tryComplete());
    if (!unread) {
      over();
    }
  }

  /** After the head went out there is only one way to say that the answer isn't whole. */
  private void cutOff() {
    if (phase != Phase.DOWNLOAD) {
      return;
    }
    route.meters().ended(Outcome.FAILED, System.nanoTime() - startedAt);
    upstream.meters().failed(Failure.UPSTREAM_FAILED);
    Choice failed = choice;
    if (failed != null) {
      leaveEndpoint(failed);
    }
    over();
    resetCall();
    var unused = response.reset();
    done.tryComplete();
  }

  private void fail(FailureException failure) {
    discardBody();
    FallbackYaml fallback = route.fallback();
    if (fallback == null
        || failure.failure().blame() != Failure.Blame.DEPENDENCY
        || response.closed()) {
      route.meters().ended(Outcome.FAILED, System.nanoTime() - startedAt);
      done.tryFail(failure);
      return;
    }
    route.meters().ended(Outcome.FALLBACK, System.nanoTime() - startedAt);
    response.setStatusCode(fallback.status);
    fallback.headers.forEach(response::putHeader);
    if (!context.trace().requestId().isEmpty()) {
      response.putHeader("x-request-id", context.trace().requestId());
    }
    response.putHeader("tidegate-fallback", upstream.name() + " " + Blamed.word(failure.failure()));
    if (fallback.status == 204 || fallback.status == 304) {
      response.end().onComplete(sent -> done.tryComplete());
    } else {
      response
          .putHeader(HttpHeaders.CONTENT_TYPE, fallback.contentType)
          .end(Buffer.buffer(fallback.body))
          .onComplete(sent -> done.tryComplete());
    }
  }

  /**
   * Lets the rest of the request go by, as nobody reads it any more, for as long as the idle limit;
   * then the connection ends, so that a client that sends for ever does not hold it.
   */
  private void discardBody() {
    if (hasBody && !request.isEnded()) {
      enter(Phase.DISCARD, route.idleTimeout());
      request.handler(null);
      request.endHandler(end -> over());
      if (request.version() != HttpVersion.HTTP_2 && !response.headWritten()) {
        response.putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
      }
    } else {
      over();
    }
    request.resume();
  }

  private void clientGone(@Nullable Throwable cause) {
    if (phase == Phase.DONE) {
      return;
    }
    boolean answered = phase == Phase.DISCARD;
    over();
    Choice left = choice;
    if (left != null && !answered) {
      left.endpoint().breaker().abandoned(left.permit());
      leaveEndpoint(left);
    }
    resetCall();
    if (!answered) {
      route.meters().ended(Outcome.CANCELLED, System.nanoTime() - startedAt);
    }
    done.tryFail(Failure.CLIENT_CLOSED.because("the client closed the connection"));
  }

  // --- time ---

  private void enter(Phase next, Duration limit) {
    phase = next;
    phaseEndsAt = System.nanoTime() + limit.toNanos();
  }

  private void moved() {
    phaseEndsAt = System.nanoTime() + route.idleTimeout().toNanos();
  }

  /** Called every tick. */
  void checkTime(long now) {
    Duration total = route.totalTimeout();
    boolean late = total != null && now - startedAt >= total.toNanos() && phase != Phase.DISCARD;
    if (!late && now - phaseEndsAt < 0) {
      return;
    }
    Endpoint endpoint = choice == null ? null : choice.endpoint();
    switch (phase) {
      case CONNECT ->
          timedOut(
              endpoint,
              "no connection within " + upstream.settings().connectTimeout.toMillis() + " ms");
      case UPLOAD -> {
        if (late || (upload != null && upload.waitsForDestination())) {
          timedOut(
              endpoint,
              "did not take the request's body within " + route.idleTimeout().toMillis() + " ms");
        } else {
          clientTooSlow();
        }
      }
      case ANSWER ->
          timedOut(
              endpoint,
              "no answer within "
                  + (late && total != null ? total : route.answerTimeout()).toMillis()
                  + " ms");
      case DOWNLOAD -> cutOff();
      case DISCARD -> {
        over();
        var unused =
            request.version() == HttpVersion.HTTP_2
                ? response.reset()
                : request.connection().close();
      }
      case DONE -> {}
    }
  }

  private void timedOut(@Nullable Endpoint endpoint, String what) {
    if (endpoint != null) {
      attemptFailed(Blamed.timedOut(upstream, endpoint, what));
    }
  }

  private void clientTooSlow() {
    Choice left = choice;
    if (left != null) {
      left.endpoint().breaker().abandoned(left.permit());
      leaveEndpoint(left);
    }
    resetCall();
    fail(
        Failure.REQUEST_TIMEOUT
            .because(
                "no more of the request's body within " + route.idleTimeout().toMillis() + " ms")
            .with("fault", "client"));
  }

  // --- endings ---

  private boolean isOver(int attempt) {
    return phase == Phase.DONE || attempt != attempts || choice == null;
  }

  private Endpoint endpoint() {
    Choice current = choice;
    if (current == null) {
      throw new IllegalStateException("no attempt under way");
    }
    return current.endpoint();
  }

  private void leaveEndpoint(Choice left) {
    left.endpoint().ended();
    choice = null;
  }

  private void resetCall() {
    HttpClientRequest open = call;
    call = null;
    if (open != null) {
      var unused = open.reset();
    }
  }

  private void over() {
    phase = Phase.DONE;
    deadlines.forget(this);
  }
}
