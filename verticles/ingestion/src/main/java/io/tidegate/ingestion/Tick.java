package io.tidegate.ingestion;

import io.tidegate.bus.FailureException;
import io.tidegate.bus.Trace;
import io.tidegate.proto.ingestion.AppendRequest;
import io.tidegate.proto.ingestion.EventRecord;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.ArrayList;
import java.util.List;

/** One call's worth of events: those of several callers, who all learn its outcome. */
final class Tick {
  private final AppendRequest.Builder request = AppendRequest.newBuilder();
  private final List<Caller> callers = new ArrayList<>();
  private Trace trace = Trace.NONE;
  private int bytes;

  private record Caller(Promise<Integer> promise, int events) {}

  Future<Integer> add(List<EventRecord> events, int eventBytes, Trace callersTrace) {
    request.addAllEvents(events);
    bytes += eventBytes;
    trace = callers.isEmpty() ? callersTrace : Trace.NONE;
    Promise<Integer> promise = Promise.promise();
    callers.add(new Caller(promise, events.size()));
    return promise.future();
  }

  /** The only caller's; nobody's when there are several, since each record carries its own. */
  Trace trace() {
    return trace;
  }

  AppendRequest request() {
    return request.build();
  }

  int bytes() {
    return bytes;
  }

  int events() {
    return request.getEventsCount();
  }

  void acknowledged() {
    for (Caller caller : callers) {
      caller.promise.complete(caller.events);
    }
  }

  void failed(FailureException failure) {
    for (Caller caller : callers) {
      caller.promise.fail(failure);
    }
  }
}
