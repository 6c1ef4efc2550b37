package io.tidegate.ingestion;

import io.micrometer.core.instrument.MeterRegistry;
import io.tidegate.bus.Bus;
import io.tidegate.bus.Failure;
import io.tidegate.proto.ingestion.PublishRequest;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import java.time.Clock;
import java.util.List;

/**
 * The near side of ingestion: validates events where they arrive and gathers a tick's worth into
 * one call over the bus. One instance for each event loop, used only there.
 */
public final class EventIntake {
  public EventIntake(
      Bus bus, Vertx vertx, IngestionConfig config, Clock clock, MeterRegistry meters) {}

  /**
   * Takes events in JSON.
   *
   * @param kind from the path
   * @param body plain JSON, already unzipped
   * @return how many events, once the log has acknowledged all of them. Fails with {@link
   *     Failure#BAD_REQUEST} (not JSON), {@link Failure#INVALID_EVENT}, {@link
   *     Failure#PAYLOAD_TOO_LARGE}, {@link Failure#OVERLOADED} or {@link Failure#LOG_UNAVAILABLE};
   *     then none of the events counts as taken. For a batch the first three carry the members
   *     {@code index} (the first bad event's place, from 0) and {@code errors} (up to ten {@code
   *     {index, detail}})
   */
  public Future<Integer> accept(EventKind kind, Buffer body, Origin origin) {
    return Future.failedFuture(Failure.LOG_UNAVAILABLE.because("ingestion is not wired yet"));
  }

  /**
   * Takes events of the gRPC service, by the same rules; {@code index} is the place in the list.
   *
   * @return as {@link #accept(EventKind, Buffer, Origin)}
   */
  public Future<Integer> accept(List<PublishRequest> events, Origin origin) {
    return Future.failedFuture(Failure.LOG_UNAVAILABLE.because("ingestion is not wired yet"));
  }
}
