package io.tidegate.ratelimit;

import io.tidegate.bus.Trace;
import io.tidegate.platform.Turn;
import io.tidegate.proto.ratelimit.LeaseReply;
import io.tidegate.proto.ratelimit.LeaseRequest;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.util.ArrayList;
import java.util.List;

/**
 * Asks the far side once for what all requests of one turn of an event loop want: callers who come
 * now and then need a lease for each request, and so many calls would cost more than the requests.
 * Belongs to one event loop.
 */
final class GatheredLeases implements LeaseSource {
  /**
   * Wants of one call; more than one request's wants, and no more than a Redis link has room for.
   */
  static final int MAX_WANTS = 100;

  private final LeaseSource farSide;
  private final Turn<Asked> turn;

  GatheredLeases(LeaseSource farSide, Vertx vertx) {
    this.farSide = farSide;
    this.turn = new Turn<>(vertx, this::askAll);
  }

  @Override
  public Future<LeaseReply> ask(LeaseRequest request, Trace trace) {
    Asked asked = new Asked(request, trace, Promise.promise());
    turn.add(asked);
    return asked.reply.future();
  }

  private void askAll(List<Asked> all) {
    List<Asked> together = new ArrayList<>(all.size());
    int wants = 0;
    for (Asked asked : all) {
      int more = asked.request.getWantsCount();
      if (wants + more > MAX_WANTS && wants > 0) {
        askFor(together);
        together = new ArrayList<>();
        wants = 0;
      }
      together.add(asked);
      wants += more;
    }
    askFor(together);
  }

  private void askFor(List<Asked> together) {
    if (together.size() == 1) {
      Asked only = together.getFirst();
      askFarSide(only.request, only.trace).onComplete(only.reply);
      return;
    }
    LeaseRequest.Builder all = LeaseRequest.newBuilder();
    together.forEach(asked -> all.addAllWants(asked.request.getWantsList()));
    LeaseRequest request = all.build();
    askFarSide(request, together.getFirst().trace)
        .map(reply -> LeaseSource.checked(request, reply))
        .onSuccess(reply -> divide(reply, together))
        .onFailure(cause -> together.forEach(asked -> asked.reply.fail(cause)));
  }

  private Future<LeaseReply> askFarSide(LeaseRequest request, Trace trace) {
    try {
      return farSide.ask(request, trace);
    } catch (RuntimeException e) {
      return Future.failedFuture(e); // or those who asked would wait for ever
    }
  }

  private static void divide(LeaseReply all, List<Asked> together) {
    int from = 0;
    for (Asked asked : together) {
      int to = from + asked.request.getWantsCount();
      asked.reply.complete(
          LeaseReply.newBuilder().addAllLeases(all.getLeasesList().subList(from, to)).build());
      from = to;
    }
  }

  /** One request's wants. */
  private record Asked(LeaseRequest request, Trace trace, Promise<LeaseReply> reply) {}
}
