package io.tidegate.routing;

import io.tidegate.bus.Failure;
import io.tidegate.bus.FailureException;
import io.tidegate.routing.Progress.Limit;
import io.tidegate.routing.Progress.Phase;
import io.tidegate.routing.RouteMeters.Outcome;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * One request on its way: to an endpoint, perhaps to another one, and its answer back. Lives on the
 * request's event loop only.
 */
final class Exchange {
  /** RFC 9113 7: INTERNAL_ERROR. After NO_ERROR a client may take what it has for all of it. */
  private static final long INTERNAL_ERROR = 0x2;

  private final HttpServerRequest request;
  private final HttpServerResponse response;
  private final Route route;
  private final Upstream upstream;
  private final Forwarding context;
  private final Heads heads;
  private final Outbound outbound;
  private final Retries retries;
  private final Progress progress;
  private final int part;
  private final Promise<Void> done = Promise.promise();
  // The one under way, or the last one.
  private @Nullable Attempt attempt;
  private @Nullable Answer answer;

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
    this.outbound = new Outbound(request, route, context, heads);
    this.retries = new Retries(outbound, upstream);
    this.progress = new Progress(route, deadlines, this::late);
    this.part = upstream.connections().partOf(deadlines.loop());
  }

  Future<Void> start() {
    request.pause();
    request.exceptionHandler(this::clientGone);
    response.exceptionHandler(this::clientGone);
    response.closeHandler(closed -> clientGone(null));
    progress.begin();
    upstream.budget().request();
    attempt();
    return done.future();
  }

  // --- to the upstream ---

  private void attempt() {
    Attempt next;
    try {
      next =
          new Attempt(
              outbound,
              upstream,
              part,
              retries.next(),
              progress,
              this::answered,
              this::attemptFailed);
    } catch (FailureException e) {
      upstream.meters().failed(e.failure());
      fail(e);
      return;
    }
    attempt = next;
    next.start();
  }

  /** Ends this attempt, and begins another if that can help and may be. */
  private void attemptFailed(Blamed blamed) {
    Attempt failed = underWay();
    if (failed == null) {
      return;
    }
    upstream.meters().failed(blamed.failure().failure());
    failed.fail(blamed);
    if (retries.take(blamed.kind())) {
      attempt();
    } else {
      fail(blamed.failure());
    }
  }

  private @Nullable Attempt underWay() {
    return attempt == null || attempt.isOver() ? null : attempt;
  }

  // --- back to the client ---

  private void answered(UpstreamAnswer head) {
    Attempt answering = underWay();
    if (answering == null) {
      return;
    }
    int status = head.statusCode();
    if (status >= 400
        && upstream.settings().retry.statuses.contains(status)
        && retries.take(Blamed.Kind.STATUS)) {
      answering.refuse(head);
      attempt();
      return;
    }
    answering.judge(head);
    if (status < 200 || status > 599) {
      attemptFailed(Blamed.beforeAnswer(upstream, new IllegalStateException("status " + status)));
      return;
    }
    Answer passing = new Answer(head, request, progress);
    answer = passing;
    passing.passHead(heads, route, context);
    passing.passBody(() -> passedOn(passing, answering), () -> cutOff(answering, true));
  }

  private void passedOn(Answer passed, Attempt answering) {
    if (!progress.is(Phase.DOWNLOAD)) {
      return;
    }
    passed.passTrailers();
    ended(Outcome.ofStatus(response.getStatusCode()));
    answering.succeed();
    boolean unread = answering.hasUnsentBody();
    if (unread) {
      // The upstream answered without wanting the rest of the body; its connection can't be used
      // again.
      answering.reset();
      discardBody();
    }
    boolean last = Answer.endsWithConnection(request);
    passed
        .end()
        .onComplete(
            sent -> {
              done.tryComplete();
              if (last) {
                var unused = request.connection().close();
              }
            });
    if (!unread) {
      progress.end();
    }
  }

  /** After the head went out there is only one way to say that the answer isn't whole. */
  private void cutOff(Attempt answering, boolean upstreamsFault) {
    if (!progress.is(Phase.DOWNLOAD)) {
      return;
    }
    ended(Outcome.FAILED);
    if (upstreamsFault) {
      upstream.meters().failed(Failure.UPSTREAM_FAILED);
    }
    progress.end();
    answering.breakOff(upstreamsFault);
    var unused = response.reset(INTERNAL_ERROR);
    done.tryComplete();
  }

  private void fail(FailureException failure) {
    discardBody();
    Fallback fallback = route.fallback();
    if (fallback == null
        || failure.failure().blame() != Failure.Blame.DEPENDENCY
        || response.closed()) {
      ended(Outcome.FAILED);
      done.tryFail(failure);
      return;
    }
    ended(Outcome.FALLBACK);
    fallback
        .send(response, context.trace(), failure.failure())
        .onComplete(sent -> done.tryComplete());
  }

  /**
   * Lets the rest of the request go by, as nobody reads it any more, for as long as the idle limit;
   * then the connection ends, so that a client that sends for ever does not hold it.
   */
  private void discardBody() {
    if (outbound.hasBody() && !request.isEnded()) {
      progress.enter(Phase.DISCARD);
      request.handler(null);
      request.endHandler(end -> progress.end());
      if (request.version() != HttpVersion.HTTP_2 && !response.headWritten()) {
        response.putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
      }
    } else {
      progress.end();
    }
    outbound.resume();
  }

  private void clientGone(@Nullable Throwable cause) {
    if (progress.is(Phase.DONE)) {
      return;
    }
    boolean answered = progress.is(Phase.DISCARD);
    progress.end();
    if (attempt != null) {
      attempt.abandon();
    }
    if (!answered) {
      ended(Outcome.CANCELLED);
    }
    // A server in front may say that the body is broken: then it is still there for the answer.
    done.tryFail(
        cause instanceof FailureException broken
            ? broken
            : Failure.CLIENT_CLOSED.because("the client closed the connection"));
  }

  private void ended(Outcome outcome) {
    route.meters().ended(outcome, progress.nanosSinceStart());
  }

  // --- out of time ---

  private void late(Limit limit) {
    if (progress.is(Phase.DISCARD)) {
      progress.end();
      var unused =
          request.version() == HttpVersion.HTTP_2 ? response.reset() : request.connection().close();
      return;
    }
    Attempt trying = underWay();
    if (trying == null) {
      return;
    }
    Duration total = limit == Limit.TOTAL ? route.totalTimeout() : null;
    switch (progress.phase()) {
      case CONNECT -> {
        if (trying.waitsForConnection()) {
          attemptFailed(Blamed.waitedInVain(upstream));
        } else {
          timedOut("no connection within", upstream.settings().connectTimeout);
        }
      }
      case UPLOAD -> {
        if (total != null || trying.holdsUpBody()) {
          timedOut("did not take the request's body within", route.idleTimeout());
        } else {
          clientTooSlow(trying);
        }
      }
      case ANSWER -> timedOut("no answer within", total == null ? route.answerTimeout() : total);
      case DOWNLOAD -> cutOff(trying, total == null && answer != null && !answer.waitsForClient());
      case DISCARD, DONE -> {}
    }
  }

  private void timedOut(String what, Duration limit) {
    attemptFailed(Blamed.timedOut(upstream, what + " " + limit.toMillis() + " ms"));
  }

  private void clientTooSlow(Attempt trying) {
    trying.abandon();
    fail(
        Failure.REQUEST_TIMEOUT
            .because(
                "no more of the request's body within " + route.idleTimeout().toMillis() + " ms")
            .with("fault", "client"));
  }
}
