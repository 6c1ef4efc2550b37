package io.tidegate.bus;

import com.google.protobuf.Message;
import java.time.Duration;

/** One channel of the bus: its address and what travels on it. Declared in {@link BusMap} only. */
public sealed interface Channel {
  /** {@code context.verb} for calls, {@code context.past} for events. */
  String address();

  /** The role that serves or tells it: the address's first word. */
  default String role() {
    return address().substring(0, address().indexOf('.'));
  }

  /** What it is for, in a line; for docs/bus-map.md. */
  String purpose();

  /**
   * A question to one far side, answered or failed within the time limit.
   *
   * @param request an instance of the request's type
   * @param reply an instance of the reply's type
   * @param timeLimit after which the caller gets {@link Failure#BUS_TIMEOUT}
   * @param maxInFlight calls of one node under way at once, of which half may go to one other node;
   *     more are refused with {@link Failure#OVERLOADED}, since the bus has no back-pressure of its
   *     own
   * @param repeatable whether asking twice does no harm, so that another node may be asked when the
   *     first is lost or can't answer
   */
  record Call<Q extends Message, R extends Message>(
      String address,
      Q request,
      R reply,
      Duration timeLimit,
      int maxInFlight,
      boolean repeatable,
      String purpose)
      implements Channel {
    int maxInFlightToPeer() {
      return Math.max(1, maxInFlight / 2);
    }
  }

  /**
   * News to whoever listens, on every node; may be lost.
   *
   * @param message an instance of the message's type
   */
  record Event<M extends Message>(String address, M message, String purpose) implements Channel {}
}
