package io.tidegate.edge;

import io.tidegate.bus.Failure;
import io.tidegate.bus.FailureException;
import io.tidegate.bus.Trace;
import io.tidegate.edge.auth.Viewer;
import io.tidegate.ratelimit.Decision;
import io.tidegate.routing.Route;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * One request and its answer, with what the pipeline has found out so far. Every answer goes
 * through here, so that each has its request id, and so that a body that nobody reads holds up
 * neither the connection nor memory.
 */
final class Exchange {
  static final String NO_ROUTE = "none";

  private final EdgeLoop loop;
  private final HttpServerRequest request;
  private final HttpServerResponse response;
  private final Trace trace;
  private final Peer peer;
  private final RequestBody body;
  private final long started = System.nanoTime();
  private final boolean http2;
  private String operation = "unknown";
  private String route = NO_ROUTE;
  private @Nullable Viewer viewer;
  private @Nullable String writeKey;
  private @Nullable Future<Buffer> earlyBody;
  private @Nullable Decision decision;
  private @Nullable FailureException failure;
  private int outcome;
  private boolean paidByAddress;
  private long timer = -1;
  private boolean bodyTaken;
  private boolean cors = true;
  private boolean hopeless;
  private boolean lastHere;

  Exchange(EdgeLoop loop, HttpServerRequest request, Trace trace, Peer peer) {
    this.loop = loop;
    this.request = request;
    this.response = request.response();
    this.trace = trace;
    this.peer = peer;
    this.body = new RequestBody(loop.vertx(), request, loop.load());
    this.http2 = request.version() == HttpVersion.HTTP_2;
  }

  HttpServerRequest request() {
    return request;
  }

  HttpServerResponse response() {
    return response;
  }

  Trace trace() {
    return trace;
  }

  Peer peer() {
    return peer;
  }

  /**
   * How long it has taken.
   *
   * @param now {@link System#nanoTime}
   */
  long nanosUntil(long now) {
    return now - started;
  }

  String operation() {
    return operation;
  }

  /** The route's name, for metrics; {@code none} without one. */
  String route() {
    return route;
  }

  /** The HTTP status that tells how it went; 499 when its client left before it was answered. */
  int status() {
    if (outcome != 0) {
      return outcome;
    }
    return response.headWritten()
        ? response.getStatusCode()
        : Problems.status(Failure.CLIENT_CLOSED);
  }

  /** What {@link #status} says from now on: the response of a gRPC call is a 200 whatever comes. */
  void status(int toldApart) {
    outcome = toldApart;
  }

  void operation(Operation found) {
    operation = found.name();
    route = found instanceof Operation.Routed routed ? routed.route().name() : NO_ROUTE;
    // Who may read the answers of an upstream that lets anyone in is the upstream's to say.
    cors = !(found instanceof Operation.Routed(Route route) && route.auth() == Route.Auth.NONE);
  }

  @Nullable Viewer viewer() {
    return viewer;
  }

  /** The viewer of an operation that has one. */
  Viewer signedIn() {
    if (viewer == null) {
      throw Failure.UNAUTHENTICATED.because("authorization: absent (expected: Bearer and a token)");
    }
    return viewer;
  }

  void signedIn(Viewer who) {
    viewer = who;
  }

  /** The write key's name. */
  @Nullable String writeKey() {
    return writeKey;
  }

  void writeKey(String name) {
    writeKey = name;
  }

  /** The body, when it had to be read to tell who is calling; null when it was not. */
  @Nullable Future<Buffer> earlyBody() {
    return earlyBody;
  }

  void earlyBody(Future<Buffer> whole) {
    earlyBody = whole;
  }

  /** Its address has paid for it, before anybody knew who it is. */
  boolean paidByAddress() {
    return paidByAddress;
  }

  void payingByAddress() {
    paidByAddress = true;
  }

  /** The last decision of a policy is the one that the answer tells. */
  void decided(Decision made) {
    if (decision == null || !made.policyHeader().isEmpty()) {
      decision = made;
    }
  }

  /** What went wrong; null when nothing did, or an upstream says so itself. */
  @Nullable FailureException failure() {
    return failure;
  }

  /** Notes what went wrong, for the log. */
  void failed(FailureException what) {
    failure = what;
  }

  RequestBody body() {
    return body;
  }

  /** Somebody reads the body from here on: what is left of it is no longer this class's care. */
  void bodyTaken() {
    bodyTaken = true;
  }

  /** Whether an answer can still be given. */
  boolean open() {
    return !response.headWritten() && !response.closed() && !response.ended();
  }

  /** Puts what every answer carries among the header fields. */
  void addCommonHeaders(MultiMap headers) {
    headers.set(Fields.REQUEST_ID, trace.requestId());
    Decision made = decision;
    if (made != null && !made.policyHeader().isEmpty()) {
      headers.set(Fields.RATE_LIMIT_POLICY, made.policyHeader());
      if (!made.rateHeader().isEmpty()) {
        headers.set(Fields.RATE_LIMIT, made.rateHeader());
      }
    }
    if (loop.draining()) {
      if (http2) {
        peer.goAway();
      } else {
        headers.set(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
        lastHere = true;
      }
    }
    String origin = request.getHeader(HttpHeaders.ORIGIN);
    if (origin != null && cors && !headers.contains(HttpHeaders.ACCESS_CONTROL_ALLOW_ORIGIN)) {
      loop.cors().allow(origin, headers);
    }
  }

  /** Answers with JSON that is ready. */
  void json(int status, Buffer content) {
    response.headers().set(HttpHeaders.CONTENT_TYPE, Fields.JSON);
    end(status, content);
  }

  /** Answers without a body. */
  void empty(int status) {
    end(status, null);
  }

  /**
   * Answers with what went wrong, as HTTP or gRPC has it. Does nothing when the answer has begun.
   */
  void fail(Throwable cause) {
    FailureException why = FailureException.of(cause);
    failed(why);
    if (why.failure() == Failure.INTERNAL) {
      unexpected(cause);
    }
    // To write to a stream whose connection is gone fails all streams of it, on top of this stack.
    if (!open() || (http2 && why.failure() == Failure.CLIENT_CLOSED)) {
      return;
    }
    MultiMap headers = response.headers();
    Duration retryAfter = Problems.retryAfter(why);
    if (retryAfter != null) {
      headers.set(
          "retry-after", Long.toString(Math.max(1, Math.ceilDiv(retryAfter.toMillis(), 1_000))));
    }
    String challenge = Problems.challenge(why);
    if (challenge != null) {
      headers.set("www-authenticate", challenge);
    }
    if (http2 && Operations.isGrpc(request)) {
      headers.set("content-type", "application/grpc");
      headers.set("grpc-status", Integer.toString(Problems.grpcStatus(why.failure()).code));
      headers.set("grpc-message", Problems.grpcMessage(why));
      outcome = Problems.status(why.failure());
      end(200, null);
      return;
    }
    if (why.members().get("allow") instanceof String allow) {
      headers.set("allow", allow);
    }
    if (why.failure() == Failure.UNSUPPORTED_MEDIA_TYPE) {
      headers.set("accept-encoding", "gzip");
    }
    headers.set("content-type", Problems.CONTENT_TYPE);
    headers.set("cache-control", "no-store");
    hopeless |= why.failure() == Failure.REQUEST_TIMEOUT;
    end(Problems.status(why.failure()), Problems.document(why, trace.requestId()));
  }

  /**
   * Answers with what went wrong, and closes the connection: what follows cannot be made sense of.
   */
  void failAndClose(FailureException failure) {
    hopeless = true;
    bodyTaken = true;
    response.headers().set(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
    fail(failure);
  }

  private void end(int status, @Nullable Buffer content) {
    MultiMap headers = response.headers();
    response.setStatusCode(status);
    addCommonHeaders(headers);
    headers.set(HttpHeaders.DATE, loop.date());
    boolean unread = !bodyTaken && body.mayCome();
    boolean close = unread && !http2 && (hopeless || !body.isDroppable());
    if (close) {
      headers.set(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
    }
    Future<Void> sent;
    if (content == null) {
      sent = response.end();
    } else if (request.method().equals(HttpMethod.HEAD)) {
      headers.set(HttpHeaders.CONTENT_LENGTH, Integer.toString(content.length()));
      sent = response.end();
    } else {
      sent = response.end(content);
    }
    if (close) {
      sent.onComplete(done -> body.closeSoon());
    } else if (unread && http2) {
      sent.onComplete(done -> body.stop());
    } else {
      sent.onComplete(done -> closeIfLast());
    }
    body.resume();
  }

  /** After a whole answer that said so: this connection takes no more requests. */
  void closeIfLast() {
    if (lastHere) {
      body.closeSoon();
    }
  }

  /** Logs what should not have happened. */
  void unexpected(Throwable cause) {
    loop.unexpected(this, cause);
  }

  /** Runs something after a while, on this loop, unless something else is set or this is over. */
  void later(long millis, Runnable what) {
    cancelTimer();
    timer =
        loop.vertx()
            .setTimer(
                millis,
                passed -> {
                  timer = -1;
                  what.run();
                });
  }

  void cancelTimer() {
    if (timer >= 0) {
      loop.vertx().cancelTimer(timer);
      timer = -1;
    }
  }

  /** Tells a client that still sends to stop, once the answer that is being sent is whole. */
  void stopSendingSoon() {
    loop.vertx().runOnContext(sent -> body.stop());
  }
}
