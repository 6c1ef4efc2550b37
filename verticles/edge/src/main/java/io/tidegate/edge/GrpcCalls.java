package io.tidegate.edge;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.Parser;
import io.tidegate.bus.Failure;
import io.tidegate.bus.FailureException;
import io.tidegate.ingestion.EventIntake;
import io.tidegate.profile.ProfileLookup;
import io.tidegate.profile.ProfileMessages;
import io.tidegate.profile.ProfileView;
import io.tidegate.proto.customer.GetCustomerRequest;
import io.tidegate.proto.profile.GetProfileRequest;
import io.tidegate.ratelimit.Decision;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.grpc.common.GrpcMessage;
import io.vertx.grpc.common.WireFormat;
import io.vertx.grpc.server.GrpcProtocol;
import io.vertx.grpc.server.GrpcServer;
import io.vertx.grpc.server.GrpcServerOptions;
import io.vertx.grpc.server.GrpcServerRequest;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The gRPC methods. Messages come as bytes and are unzipped and parsed here, since the library
 * would unzip without a bound. One an event loop, used only there.
 */
final class GrpcCalls {
  private final GrpcServer server;
  private final ProfileLookup profiles;
  private final EventIntake intake;
  private final Function<Exchange, Future<Decision>> quotaOfMore;
  private final int maxMessage;
  private final long bodyTimeoutMs;

  /**
   * Whose call the library is about to hand back; it does so before {@link GrpcServer#handle}
   * returns.
   */
  private @Nullable Exchange handing;

  private final Set<GrpcCall> underWay = new LinkedHashSet<>();

  /**
   * @param quotaOfMore pays for another load of a publisher's events; fails when it may not send it
   */
  GrpcCalls(
      Vertx vertx,
      EdgeConfig config,
      ProfileLookup profiles,
      EventIntake intake,
      Function<Exchange, Future<Decision>> quotaOfMore) {
    this.quotaOfMore = quotaOfMore;
    this.profiles = profiles;
    this.intake = intake;
    this.maxMessage = config.maxGrpcMessageBytes();
    this.bodyTimeoutMs = config.bodyTimeout().toMillis();
    GrpcServerOptions options =
        new GrpcServerOptions()
            .setMaxMessageSize(config.maxGrpcMessageBytes())
            .setScheduleDeadlineAutomatically(true);
    for (GrpcProtocol protocol : GrpcProtocol.values()) {
      if (protocol != GrpcProtocol.HTTP_2) {
        options.removeEnabledProtocol(protocol);
      }
    }
    this.server = GrpcServer.server(vertx, options).callHandler(this::called);
  }

  /** Takes a call whose caller is known and within its quota. */
  void handle(Exchange exchange) {
    exchange.bodyTaken();
    if (exchange.request().getHeader("grpc-encoding") == null) {
      // Without it the library throws at a message that says it is zipped, and the call would hang.
      exchange.request().headers().set("grpc-encoding", "identity");
    }
    handing = exchange;
    try {
      server.handle(exchange.request());
    } finally {
      handing = null;
    }
    exchange.body().resume();
  }

  /**
   * Counts what the library holds of messages that are not whole yet; it tells nobody when more
   * comes.
   */
  void tick() {
    underWay.removeIf(
        call -> {
          call.count();
          return call.over();
        });
  }

  private void called(GrpcServerRequest<Buffer, Buffer> request) {
    Exchange exchange = handing;
    if (exchange == null) {
      throw new IllegalStateException("a gRPC call came late (expected: within GrpcServer.handle)");
    }
    GrpcCall call = new GrpcCall(exchange, request, maxMessage, bodyTimeoutMs);
    underWay.add(call);
    switch (exchange.operation()) {
      case "grpc-publish" -> new GrpcPublish(call, intake, quotaOfMore, bodyTimeoutMs).start();
      case "grpc-profile" ->
          call.unary(
              GetProfileRequest.parser(),
              asked -> find(exchange, asked.getId()).map(view -> ProfileMessages.toProto(view)));
      case "grpc-customer" ->
          call.unary(
              GetCustomerRequest.parser(),
              asked ->
                  find(exchange, Long.toString(asked.getCustomerId()))
                      .map(view -> ProfileMessages.toCustomer(view, asked.getCustomerId())));
      default ->
          throw new IllegalStateException(
              "operation: " + exchange.operation() + " (expected: a gRPC one)");
    }
  }

  private Future<ProfileView> find(Exchange exchange, String id) {
    FailureException refusal = exchange.signedIn().refusalToRead(id);
    if (refusal != null) {
      return Future.failedFuture(refusal);
    }
    return profiles
        .find(id, exchange.trace())
        .map(
            view -> {
              if (!view.exists()) {
                throw Failure.NOT_FOUND.because(
                    "customer id: " + id + " (expected: one that was seen, and not erased)");
              }
              return view;
            });
  }

  /**
   * A message's meaning.
   *
   * @throws FailureException {@link Failure#BAD_REQUEST} or {@link Failure#PAYLOAD_TOO_LARGE}
   */
  static <T extends Message> T parse(GrpcMessage message, Parser<T> parser, int maxMessage) {
    if (message.format() != WireFormat.PROTOBUF) {
      throw Failure.BAD_REQUEST.because("format: " + message.format() + " (expected: protobuf)");
    }
    byte[] bytes = message.payload().getBytes();
    byte[] plain =
        switch (message.encoding()) {
          case "identity" -> bytes;
          case "gzip" -> Gunzip.unzip(bytes, maxMessage);
          default ->
              throw Failure.BAD_REQUEST.because(
                  "grpc-encoding: " + message.encoding() + " (expected: identity or gzip)");
        };
    try {
      return parser.parseFrom(plain);
    } catch (InvalidProtocolBufferException e) {
      throw Failure.BAD_REQUEST.because("message: " + e.getMessage() + " (expected: protobuf)");
    }
  }
}
