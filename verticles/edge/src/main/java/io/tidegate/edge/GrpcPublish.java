package io.tidegate.edge;

import io.tidegate.bus.Failure;
import io.tidegate.bus.FailureException;
import io.tidegate.ingestion.EventIntake;
import io.tidegate.ingestion.Origin;
import io.tidegate.proto.ingestion.PublishReply;
import io.tidegate.proto.ingestion.PublishRequest;
import io.tidegate.ratelimit.Decision;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.grpc.common.GrpcMessage;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;

/**
 * One stream of events: gathers what a tick brings, hands it to ingestion, and takes no more in
 * while a full load waits for its acknowledgement. A stream on which nothing comes for too long
 * ends; every full load's worth of events costs what one request does.
 */
final class GrpcPublish {
  /** A load that holds the stream up; ingestion's own bound of a batch. */
  private static final int MAX_EVENTS = 500;

  private static final int MAX_BYTES = 256 * 1024;

  private final GrpcCall call;
  private final EventIntake intake;
  private final Function<Exchange, Future<Decision>> quotaOfMore;
  private final long idleMs;
  private final Origin origin;
  private final Context context;
  private List<PublishRequest> gathered = new ArrayList<>();
  private int bytes;
  private int accepted;
  private long lastMove;
  // The first was paid for when the call began.
  private long paidFor = MAX_EVENTS;
  private boolean sending;
  private boolean scheduled;
  private boolean paused;
  private boolean ended;

  /**
   * @param quotaOfMore pays for the next {@link #MAX_EVENTS}
   * @param idleMs how long the stream may bring nothing, in milliseconds
   */
  GrpcPublish(
      GrpcCall call,
      EventIntake intake,
      Function<Exchange, Future<Decision>> quotaOfMore,
      long idleMs) {
    this.call = call;
    this.intake = intake;
    this.quotaOfMore = quotaOfMore;
    this.idleMs = idleMs;
    this.origin =
        new Origin(
            Objects.requireNonNull(call.exchange().writeKey(), "a publisher without a write key"),
            call.exchange().trace());
    this.context = Objects.requireNonNull(Vertx.currentContext(), "a call outside an event loop");
  }

  void start() {
    call.request().messageHandler(this::take);
    call.request()
        .endHandler(
            end -> {
              ended = true;
              FailureException cutOff = call.cutOff();
              if (cutOff == null) {
                send();
              } else {
                call.fail(cutOff.with("index", accepted + gathered.size()));
              }
            });
    lastMove = System.nanoTime();
    call.exchange().later(idleMs, this::checkIdle);
  }

  /** While a load waits for its acknowledgement it is not the publisher who is slow. */
  private void checkIdle() {
    if (call.over() || ended) {
      return;
    }
    long left = sending ? idleMs : idleMs - (System.nanoTime() - lastMove) / 1_000_000;
    if (left > 0) {
      call.exchange().later(left, this::checkIdle);
    } else {
      call.fail(
          Failure.REQUEST_TIMEOUT.because(
              "messages: none for "
                  + idleMs
                  + " ms, after "
                  + accepted
                  + " (expected: one, or the end)"));
    }
  }

  private void take(GrpcMessage message) {
    if (call.over()) {
      return;
    }
    lastMove = System.nanoTime();
    int length;
    try {
      PublishRequest event = call.parse(message, PublishRequest.parser());
      length = event.getSerializedSize();
      gathered.add(event);
    } catch (FailureException e) {
      call.fail(e.with("index", accepted + gathered.size()));
      return;
    } catch (Throwable e) { // or the event would be missing from what is acknowledged
      call.fail(e);
      return;
    }
    bytes += length;
    call.keep(length);
    if (call.over()) {
      return;
    }
    if (gathered.size() >= MAX_EVENTS || bytes >= MAX_BYTES) {
      paused = true;
      call.request().pause();
      send();
    } else if (!scheduled && !sending) {
      scheduled = true;
      context.runOnContext(
          tick -> {
            scheduled = false;
            send();
          });
    }
  }

  private void send() {
    if (sending || call.over()) {
      return;
    }
    if (gathered.isEmpty()) {
      if (ended) {
        call.answer(PublishReply.newBuilder().setAccepted(accepted).build());
      }
      return;
    }
    List<PublishRequest> load = gathered;
    gathered = new ArrayList<>();
    int loadBytes = bytes;
    bytes = 0;
    sending = true;
    paid(load.size())
        .compose(paid -> intake.accept(load, origin))
        .onComplete(
            taken -> {
              sending = false;
              lastMove = System.nanoTime();
              accepted += load.size();
              call.keep(-loadBytes);
              if (paused) {
                paused = false;
                call.request().resume();
              }
              send();
            },
            failure -> {
              sending = false;
              call.fail(placed(failure));
            });
  }

  /** A load is at most what one unit is for, so that one more is always enough. */
  private Future<?> paid(int events) {
    if (accepted + events <= paidFor) {
      return Future.succeededFuture();
    }
    return quotaOfMore.apply(call.exchange()).onSuccess(granted -> paidFor += MAX_EVENTS);
  }

  /** Places in a load as places in the stream. */
  private Throwable placed(Throwable failure) {
    if (accepted > 0
        && failure instanceof FailureException expected
        && expected.members().get("index") instanceof Integer index) {
      return new FailureException(
          expected.failure(),
          "event " + (accepted + index) + " of the stream: " + expected.getMessage(),
          expected.retryAfter());
    }
    return failure;
  }
}
