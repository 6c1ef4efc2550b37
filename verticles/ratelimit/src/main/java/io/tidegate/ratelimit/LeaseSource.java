package io.tidegate.ratelimit;

import io.tidegate.bus.Trace;
import io.tidegate.proto.ratelimit.LeaseReply;
import io.tidegate.proto.ratelimit.LeaseRequest;
import io.vertx.core.Future;

/** Where a near side gets leases: the far side, over the bus. */
@FunctionalInterface
interface LeaseSource {
  Future<LeaseReply> ask(LeaseRequest request, Trace trace);
}
