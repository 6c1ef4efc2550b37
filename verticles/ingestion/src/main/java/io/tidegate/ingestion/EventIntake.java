package io.tidegate.ingestion;

import io.micrometer.core.instrument.MeterRegistry;
import io.tidegate.bus.Bus;
import io.tidegate.bus.BusMap;
import io.tidegate.bus.Failure;
import io.tidegate.bus.FailureException;
import io.tidegate.proto.ingestion.EventRecord;
import io.tidegate.proto.ingestion.PublishRequest;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The near side of ingestion: validates events where they arrive and gathers a tick's worth into
 * one call over the bus. One instance for each event loop, used only there.
 */
public final class EventIntake {
  private final Bus bus;
  private final Vertx vertx;
  private final IngestionConfig config;
  private final Clock clock;
  private final EventParser parser;
  private final IntakeMeters meters;
  private final long maxBytes;

  /** What was accepted since the loop last came round; null when that is nothing. */
  private @Nullable Tick tick;

  private long bytesInFlight;

  public EventIntake(
      Bus bus, Vertx vertx, IngestionConfig config, Clock clock, MeterRegistry meters) {
    this.bus = bus;
    this.vertx = vertx;
    this.config = config;
    this.clock = clock;
    this.parser = new EventParser(config);
    this.meters = new IntakeMeters(meters);
    this.maxBytes = IngestionConfig.intakeBytes(config);
  }

  /**
   * Takes events in JSON.
   *
   * @param kind from the path
   * @param body plain JSON, already unzipped
   * @return how many events, once the log has acknowledged all of them. Fails with {@link
   *     Failure#BAD_REQUEST} (not JSON), {@link Failure#INVALID_EVENT}, {@link
   *     Failure#PAYLOAD_TOO_LARGE}, {@link Failure#OVERLOADED} or {@link Failure#LOG_UNAVAILABLE}.
   *     What is wrong with a batch's events comes with the members {@code index} (the first bad
   *     event's place, from 0) and {@code errors} (up to ten objects of {@code index} and {@code
   *     detail}), and none of the batch is sent. After the last two, some events may be in the log
   *     all the same: sending them again under the same message ids is safe
   */
  public Future<Integer> accept(EventKind kind, Buffer body, Origin origin) {
    try {
      admit();
      Arrival arrival = new Arrival(clock.millis(), origin);
      return append(parser.parse(kind, body.getBytes(), arrival), origin);
    } catch (RuntimeException e) {
      meters.refused(FailureException.of(e), 1);
      return Future.failedFuture(e);
    }
  }

  /**
   * Takes events of the gRPC service, by the same rules; {@code index} is the place in the list.
   *
   * @return as {@link #accept(EventKind, Buffer, Origin)}
   */
  public Future<Integer> accept(List<PublishRequest> events, Origin origin) {
    try {
      admit();
      return append(parse(events, new Arrival(clock.millis(), origin)), origin);
    } catch (RuntimeException e) {
      meters.refused(FailureException.of(e), Math.max(1, events.size()));
      return Future.failedFuture(e);
    }
  }

  private List<EventRecord> parse(List<PublishRequest> events, Arrival arrival) {
    if (events.isEmpty() || events.size() > config.maxBatchEvents()) {
      throw (events.isEmpty() ? Failure.INVALID_EVENT : Failure.PAYLOAD_TOO_LARGE)
          .because(
              "events: " + events.size() + " (expected: 1 to " + config.maxBatchEvents() + ")");
    }
    BatchFaults faults = new BatchFaults();
    List<EventRecord> records = new ArrayList<>(events.size());
    for (int i = 0; i < events.size(); i++) {
      try {
        records.add(parser.parseOne(null, PublishJson.of(events.get(i)), arrival));
      } catch (FailureException e) {
        faults.add(i, e);
      }
    }
    faults.throwIfAny();
    return records;
  }

  /** Before the work of parsing: is there room at all? */
  private void admit() {
    if (bytesInFlight >= maxBytes) {
      throw new FailureException(
          Failure.OVERLOADED,
          "bytes in flight: " + bytesInFlight + " (expected: less than " + maxBytes + ")",
          config.retryAfter());
    }
  }

  private Future<Integer> append(List<EventRecord> records, Origin origin) {
    int bytes = 0;
    for (EventRecord record : records) {
      bytes += record.getSerializedSize();
    }
    Tick gathering = tick;
    if (gathering != null && gathering.bytes() + bytes > config.maxAppendBytes()) {
      tick = null;
      send(gathering);
      gathering = null;
    }
    if (gathering == null) {
      Tick fresh = new Tick();
      tick = fresh;
      gathering = fresh;
      vertx.runOnContext(
          turn -> {
            if (tick == fresh) {
              tick = null;
              send(fresh);
            }
          });
    }
    bytesInFlight += bytes;
    return gathering.add(records, bytes, origin.trace());
  }

  private void send(Tick gathered) {
    meters.appending(gathered.events());
    bus.call(BusMap.INGESTION_APPEND, gathered.request(), gathered.trace())
        .onComplete(
            reply -> {
              bytesInFlight -= gathered.bytes();
              if (reply.succeeded()) {
                meters.accepted(gathered.events());
                gathered.acknowledged();
              } else {
                FailureException failure = refusal(FailureException.of(reply.cause()));
                meters.refused(failure, gathered.events());
                gathered.failed(failure);
              }
            });
  }

  /**
   * What a caller has to know of a failed append: that the log can't take it now, and when to come
   * again.
   */
  private FailureException refusal(FailureException failure) {
    return switch (failure.failure()) {
      case LOG_UNAVAILABLE, ROLE_UNAVAILABLE, BUS_TIMEOUT ->
          new FailureException(Failure.LOG_UNAVAILABLE, failure.getMessage(), config.retryAfter());
      case OVERLOADED, DRAINING ->
          new FailureException(failure.failure(), failure.getMessage(), config.retryAfter());
      default -> failure;
    };
  }
}
