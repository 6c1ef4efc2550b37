package io.tidegate.bus;

import com.google.protobuf.Message;
import java.time.Duration;

/** One channel of the bus: its address and what travels on it. Declared in {@link BusMap} only. */
public sealed interface Channel {
  /** {@code context.verb} for calls, {@code context.past} for events. */
  String address();

  /** What it is for, in a line; for docs/bus-map.md. */
  String purpose();

  /**
   * A question to one far side, answered or failed within the time limit.
   *
   * @param request an instance of the request's type
   * @param reply an instance of the reply's type
   * @param timeLimit after which the caller gets {@link Failure#BUS_TIMEOUT}
   * @param maxInFlight calls of one node under way at once; more are refused with {@link
   *     Failure#OVERLOADED}, since the bus has no back-pressure of its own
   */
  record Call<Q extends Message, R extends Message>(
      String address, Q request, R reply, Duration timeLimit, int maxInFlight, String purpose)
      implements Channel {}

  /**
   * News to whoever listens, on every node; may be lost.
   *
   * @param message an instance of the message's type
   */
  record Event<M extends Message>(String address, M message, String purpose) implements Channel {}
}
