package io.tidegate.edge;

import com.google.protobuf.Message;
import com.google.protobuf.Parser;
import io.tidegate.bus.Failure;
import io.tidegate.bus.FailureException;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.grpc.common.GrpcMessage;
import io.vertx.grpc.common.GrpcStatus;
import io.vertx.grpc.server.GrpcServerRequest;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** One gRPC call: answered or failed once, and never after its deadline or its caller's leaving. */
final class GrpcCall {
  /** A message's flag and length. */
  private static final int FRAME_HEAD = 5;

  private final Exchange exchange;
  private final GrpcServerRequest<Buffer, Buffer> request;
  private final int maxMessage;
  private final long bodyTimeoutMs;
  private boolean over;
  private int messages;
  // Of the body's bytes those that were handed on as messages; what of these is kept; and how much
  // of both was told to the exchange.
  private long parsed;
  private long kept;
  private long counted;

  GrpcCall(
      Exchange exchange,
      GrpcServerRequest<Buffer, Buffer> request,
      int maxMessage,
      long bodyTimeoutMs) {
    this.exchange = exchange;
    this.request = request;
    this.maxMessage = maxMessage;
    this.bodyTimeoutMs = bodyTimeoutMs;
    exchange.addCommonHeaders(request.response().headers());
    exchange.status(Problems.status(Failure.CLIENT_CLOSED)); // until it is answered
    request.errorHandler(left -> over = true);
    request.exceptionHandler(left -> over = true);
    request.invalidMessageHandler(
        invalid ->
            fail(
                Failure.PAYLOAD_TOO_LARGE.because(
                    "message: too long (expected: <= " + maxMessage + " bytes)")));
    if (request.deadline() != null) {
      // The library answers DEADLINE_EXCEEDED itself.
      request
          .deadline()
          .onSuccess(
              passed -> {
                if (!over) {
                  over = true;
                  exchange.status(Problems.status(Failure.UPSTREAM_TIMEOUT));
                }
              });
    }
  }

  Exchange exchange() {
    return exchange;
  }

  GrpcServerRequest<Buffer, Buffer> request() {
    return request;
  }

  boolean over() {
    return over;
  }

  <T extends Message> T parse(GrpcMessage message, Parser<T> parser) {
    parsed += FRAME_HEAD + message.payload().length();
    return GrpcCalls.parse(message, parser, maxMessage);
  }

  /** Counts a message, unzipped, as memory from now on, or no longer when it is negative. */
  void keep(long bytes) {
    kept += bytes;
    count();
  }

  /** Counts what has come and is still held; fails the call when the node holds too much. */
  void count() {
    if (exchange.body().isOver()) {
      over = true;
      return;
    }
    long held = over ? 0 : kept + Math.max(0, exchange.request().bytesRead() - parsed);
    try {
      if (held > counted) {
        exchange.body().hold(held - counted);
      } else {
        exchange.body().letGo(counted - held);
      }
      counted = held;
    } catch (FailureException overloaded) {
      fail(overloaded);
    }
  }

  /** Serves a method of one message each way. */
  <Q extends Message, R extends Message> void unary(
      Parser<Q> parser, Function<Q, Future<R>> method) {
    exchange.later(
        bodyTimeoutMs,
        () -> fail(Failure.REQUEST_TIMEOUT.because("messages: 0 in time (expected: 1)")));
    request.messageHandler(
        message -> {
          exchange.cancelTimer();
          if (over) {
            return;
          }
          if (++messages > 1) {
            fail(Failure.BAD_REQUEST.because("messages: 2 (expected: 1)"));
            return;
          }
          Future<R> answer;
          try {
            answer = method.apply(parse(message, parser));
          } catch (Throwable e) { // or the call would never be answered
            answer = Future.failedFuture(e);
          }
          answer.onComplete(this::answer, this::fail);
        });
    request.endHandler(
        end -> {
          exchange.cancelTimer();
          FailureException cutOff = cutOff();
          if (cutOff != null) {
            fail(cutOff);
          } else if (messages == 0) {
            fail(Failure.BAD_REQUEST.because("messages: 0 (expected: 1)"));
          }
        });
  }

  /**
   * What is wrong at the end of the stream when its last message is not whole; null when it is. The
   * library drops the rest without a word.
   */
  @Nullable FailureException cutOff() {
    long left = exchange.request().bytesRead() - parsed;
    return left > 0
        ? Failure.BAD_REQUEST.because(
            "message: cut off after " + left + " bytes (expected: all of it)")
        : null;
  }

  void answer(Message message) {
    if (!over) {
      over = true;
      exchange.status(200);
      request.response().end(Buffer.buffer(message.toByteArray()));
    }
  }

  void fail(Throwable cause) {
    if (over) {
      return;
    }
    over = true;
    FailureException failure = FailureException.of(cause);
    if (failure.failure() == Failure.INTERNAL) {
      exchange.unexpected(cause);
    }
    exchange.failed(failure);
    exchange.status(Problems.status(failure.failure()));
    GrpcStatus status = Problems.grpcStatus(failure.failure());
    request.response().status(status).statusMessage(Problems.detail(failure)).end();
    exchange.stopSendingSoon();
  }
}
