package io.tidegate.edge;

import io.tidegate.bus.Failure;
import io.tidegate.bus.FailureException;
import io.tidegate.edge.Operation.Erase;
import io.tidegate.edge.Operation.GrpcCall;
import io.tidegate.edge.Operation.Ingest;
import io.tidegate.edge.Operation.LookUp;
import io.tidegate.edge.Operation.Options;
import io.tidegate.edge.Operation.ReadProfile;
import io.tidegate.edge.Operation.Routed;
import io.tidegate.edge.Operation.Settings;
import io.tidegate.edge.auth.Authenticator;
import io.tidegate.edge.auth.Viewer;
import io.tidegate.ingestion.EventIntake;
import io.tidegate.ingestion.Origin;
import io.tidegate.ratelimit.Caller;
import io.tidegate.ratelimit.Decision;
import io.tidegate.routing.Forwarder;
import io.tidegate.routing.Forwarding;
import io.tidegate.routing.Route;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What happens to a request, from its head to its answer: {@link #handle} is all of it. One an
 * event loop, used only there.
 */
final class Pipeline {
  private static final Buffer TAKEN = Buffer.buffer("{\"success\":true}");

  private final EdgeConfig config;
  private final EdgeLoop loop;
  private final EdgeLoad load;
  private final Peers peers;
  private final Operations operations;
  private final Authenticator authenticator;
  private final Quota quota;
  private final EventIntake intake;
  private final Bodies bodies;
  private final Customers customers;
  private final GrpcCalls grpcCalls;
  private final Forwarder forwarder;
  private final Context context;

  Pipeline(
      EdgeConfig config,
      EdgeContext near,
      EdgeLoop loop,
      Peers peers,
      Bodies bodies,
      Context context) {
    this.config = config;
    this.loop = loop;
    this.load = near.load();
    this.peers = peers;
    this.operations = new Operations(near.routes());
    this.authenticator = near.authenticator();
    this.quota = new Quota(near.limiters().get());
    this.intake = near.intakes().get();
    this.bodies = bodies;
    this.customers = new Customers(near.profiles(), bodies);
    this.grpcCalls =
        new GrpcCalls(
            loop.vertx(), config, near.profiles(), intake, more -> back(quota.chargeMore(more)));
    this.forwarder = near.forwarder();
    this.context = context;
  }

  /** Takes a request: id, limits on size, operation, authentication, quota, dispatch, response. */
  void handle(HttpServerRequest request) {
    Exchange exchange =
        new Exchange(loop, request, Traces.of(request.headers()), peers.of(request.connection()));
    if (!admitted(exchange)) {
      return;
    }
    try {
      RequestHead.check(request, config);
      exchange.body().declaredLength(); // throws when it is none
      Operation operation = operations.of(request);
      exchange.operation(operation);
      Future<Caller> caller = authenticate(exchange, operation);
      Future<Decision> decision =
          here(exchange, Done.then(caller, known -> quota.charge(exchange, known)));
      Future<Void> answered = Done.then(decision, granted -> dispatch(exchange, operation));
      answered.onFailure(exchange::fail);
    } catch (RuntimeException e) {
      exchange.fail(e);
    }
  }

  /** Answers a request that is none by the rules of HTTP. */
  void handleInvalid(HttpServerRequest request) {
    Exchange exchange =
        new Exchange(loop, request, Traces.of(request.headers()), peers.of(request.connection()));
    if (admitted(exchange)) {
      exchange.failAndClose(InvalidHead.failureOf(request.decoderResult().cause(), config));
    }
  }

  /** Looks after what has no end of its own; called four times a second. */
  void tick() {
    grpcCalls.tick();
  }

  private boolean admitted(Exchange exchange) {
    boolean admitted = load.enter();
    exchange.peer().requestBegins(exchange);
    if (!admitted) {
      exchange.fail(
          Failure.OVERLOADED.because(
              "requests under way: "
                  + load.inFlight()
                  + " (expected: < "
                  + config.maxInFlight()
                  + ")"));
      loop.refused(exchange);
      return false;
    }
    exchange.response().endHandler(end -> loop.ended(exchange));
    return true;
  }

  private Future<Caller> authenticate(Exchange exchange, Operation operation) {
    String authorization = exchange.request().getHeader(HttpHeaders.AUTHORIZATION);
    String address = exchange.peer().subjectOf(exchange.request().headers());
    Future<Caller> caller;
    try {
      caller =
          switch (operation) {
            case Ingest ingest when authorization == null ->
                publisherInBody(exchange, address, ingest);
            case Ingest ingest ->
                Future.succeededFuture(publisher(exchange, authorization, address, ingest));
            case GrpcCall call when call.byWriteKey() ->
                Future.succeededFuture(publisher(exchange, authorization, address, call));
            case Settings settings ->
                Future.succeededFuture(
                    new Caller(
                        authenticator.writeKeyInPath(settings.writeKey()),
                        null,
                        address,
                        settings.job()));
            case Options options ->
                Future.succeededFuture(new Caller(null, null, address, options.job()));
            case Routed routed when routed.route().auth() == Route.Auth.NONE ->
                Future.succeededFuture(new Caller(null, null, address, routed.job()));
            default -> reader(exchange, authorization, address, operation);
          };
    } catch (FailureException e) {
      caller = Future.failedFuture(e);
    }
    if (caller.succeeded()) {
      return caller;
    }
    return caller.recover(failure -> chargeStranger(exchange, address, operation, failure));
  }

  private Caller publisher(
      Exchange exchange, @Nullable String authorization, String address, Operation operation) {
    String name = authenticator.writeKey(authorization);
    exchange.writeKey(name);
    return new Caller(name, null, address, operation.job());
  }

  /**
   * Some of Segment's SDKs send no header and name the key in the body. Their address pays before
   * any of it is read, and the key for what is its own then.
   */
  private Future<Caller> publisherInBody(Exchange exchange, String address, Ingest ingest) {
    exchange.payingByAddress();
    Caller stranger = new Caller(null, null, address, ingest.job());
    return here(exchange, quota.charge(exchange, stranger))
        .compose(
            granted -> {
              if (!exchange.open()) {
                return Future.failedFuture(Failure.CLIENT_CLOSED.because("the client left"));
              }
              Future<Buffer> body = bodies.read(exchange, config.maxBodyBytes());
              exchange.earlyBody(body);
              return body;
            })
        .map(
            whole -> {
              String name = authenticator.writeKeyInBody(BodyWriteKey.of(whole));
              exchange.writeKey(name);
              return new Caller(name, null, null, ingest.job());
            });
  }

  private Future<Caller> reader(
      Exchange exchange, @Nullable String authorization, String address, Operation operation) {
    Future<Viewer> viewer = authenticator.viewer(authorization);
    if (!viewer.isComplete()) {
      exchange.body().pause();
    }
    return Done.then(
        here(exchange, viewer),
        known -> {
          exchange.signedIn(known);
          if (operation instanceof Routed(Route route)
              && !route.roles().isEmpty()
              && !route.roles().contains(known.role().claim())) {
            throw Failure.FORBIDDEN.because(
                "role: "
                    + known.role().claim()
                    + " (expected: one of "
                    + String.join(", ", route.roles())
                    + ")");
          }
          return Future.succeededFuture(
              new Caller(null, known.subject(), address, operation.job()));
        });
  }

  /**
   * A caller that is not who it has to be still pays by its address, so that guessing is limited
   * too.
   */
  private Future<Caller> chargeStranger(
      Exchange exchange, String address, Operation operation, Throwable failure) {
    Future<Buffer> early = exchange.earlyBody();
    boolean paid = exchange.paidByAddress();
    if (failure instanceof FailureException expected
        && (early == null ? !paid : early.succeeded())) {
      loop.metrics().authFailed(expected.failure());
    }
    if (paid) {
      return Future.failedFuture(failure);
    }
    return quota
        .charge(exchange, new Caller(null, null, address, operation.job()))
        .compose(granted -> Future.failedFuture(failure));
  }

  private Future<Void> dispatch(Exchange exchange, Operation operation) {
    if (!exchange.open()) {
      return Future.succeededFuture();
    }
    return switch (operation) {
      case Ingest ingest -> ingest(exchange, ingest);
      case ReadProfile read -> customers.read(exchange, read.id());
      case LookUp look -> customers.lookUp(exchange);
      case Erase erase -> customers.erase(exchange, erase.id());
      case Settings settings -> {
        SdkSettings.answer(exchange, settings.writeKey());
        yield Future.succeededFuture();
      }
      case Options options -> {
        loop.cors().answerOptions(exchange, options.allow());
        yield Future.succeededFuture();
      }
      case GrpcCall call -> {
        grpcCalls.handle(exchange);
        yield Future.succeededFuture();
      }
      case Routed routed -> forward(exchange, routed.route());
    };
  }

  private Future<Void> ingest(Exchange exchange, Ingest ingest) {
    Origin origin = new Origin(Objects.requireNonNull(exchange.writeKey()), exchange.trace());
    Future<Buffer> early = exchange.earlyBody();
    return (early == null ? bodies.read(exchange, config.maxBodyBytes()) : early)
        .compose(body -> intake.accept(ingest.kind(), body, origin))
        .map(
            taken -> {
              if (exchange.open()) {
                exchange.json(200, TAKEN);
              }
              return null;
            });
  }

  private Future<Void> forward(Exchange exchange, Route route) {
    FailureException broken = exchange.body().broken();
    if (broken != null) {
      return Future.failedFuture(broken);
    }
    HttpServerRequest request = exchange.request();
    Viewer viewer = exchange.viewer();
    Peer peer = exchange.peer();
    exchange
        .response()
        .headersEndHandler(
            head -> {
              MultiMap headers = exchange.response().headers();
              exchange.addCommonHeaders(headers);
              if (Forwarder.endsWithConnection(request)) {
                headers.set(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
              }
            });
    return forwarder
        .forward(
            request,
            route,
            new Forwarding(
                exchange.trace(),
                viewer == null ? null : viewer.subject(),
                peer.addressOf(request.headers()),
                request.isSSL() ? "https" : "http",
                peer.trusted()))
        .map(
            done -> {
              exchange.bodyTaken();
              exchange.closeIfLast();
              return null;
            });
  }

  /** A future that completes on this loop: a key set or a lease may arrive on another. */
  private <T> Future<T> here(Exchange exchange, Future<T> future) {
    if (future.isComplete()) {
      return future;
    }
    if (exchange.earlyBody() == null) {
      exchange.body().pause();
    }
    return back(future);
  }

  private <T> Future<T> back(Future<T> future) {
    if (future.isComplete()) {
      return future;
    }
    Promise<T> promise = Promise.promise();
    future.onComplete(
        result ->
            context.runOnContext(
                back -> {
                  if (result.succeeded()) {
                    promise.complete(result.result());
                  } else {
                    promise.fail(result.cause());
                  }
                }));
    return promise.future();
  }
}
