package io.tidegate.ratelimit;

import io.tidegate.bus.Failure;
import io.tidegate.bus.Trace;
import io.tidegate.proto.ratelimit.LeaseReply;
import io.tidegate.proto.ratelimit.LeaseRequest;
import io.vertx.core.Future;

/** Where a near side gets leases: the far side, over the bus. */
@FunctionalInterface
interface LeaseSource {
  Future<LeaseReply> ask(LeaseRequest request, Trace trace);

  /** The reply, when it answers every want. */
  static LeaseReply checked(LeaseRequest request, LeaseReply reply) {
    if (reply.getLeasesCount() != request.getWantsCount()) {
      throw Failure.INTERNAL.because(
          "leases: " + reply.getLeasesCount() + " (expected: " + request.getWantsCount() + ")");
    }
    return reply;
  }
}
