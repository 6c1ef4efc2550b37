package io.tidegate.routing;

import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * A circuit breaker over a window of the last calls: it opens when the window is full and the share
 * of failures in it reaches the limit, whatever successes lie between; stays open for a time; then
 * lets one trial through, which closes or opens it again. Safe from any thread.
 */
final class Breaker {
  /** What {@link #tryAcquire} gives when the call must not be made. */
  static final long REFUSED = -1;

  /** Whether calls go through. */
  enum State {
    CLOSED,
    OPEN,
    HALF_OPEN
  }

  private final boolean[] failed;
  private final double failureRatio;
  private final long openForNanos;
  private final LongSupplier nanoClock;
  private final Consumer<State> listener;

  private State state = State.CLOSED;
  private int next;
  private int filled;
  private int failures;
  private long openedAt;
  private long trialSince;
  private boolean trialUnderWay;
  // Results of calls that began in an earlier state say nothing about this one.
  private long epoch;

  /**
   * @param window calls looked back on; fewer never open it
   * @param failureRatio share of failures that opens it, above 0 and at most 1
   * @param listener told of each change, under the breaker's lock
   */
  Breaker(
      int window,
      double failureRatio,
      long openForNanos,
      LongSupplier nanoClock,
      Consumer<State> listener) {
    this.failed = new boolean[window];
    this.failureRatio = failureRatio;
    this.openForNanos = openForNanos;
    this.nanoClock = nanoClock;
    this.listener = listener;
  }

  /** Whether {@link #tryAcquire} would let a call through now. */
  synchronized boolean allows() {
    return switch (state) {
      case CLOSED -> true;
      case OPEN -> nanoClock.getAsLong() - openedAt >= openForNanos;
      case HALF_OPEN -> !trialUnderWay || nanoClock.getAsLong() - trialSince >= openForNanos;
    };
  }

  /**
   * Asks to make a call.
   *
   * @return a permit to give back by {@link #succeeded}, {@link #failed} or {@link #abandoned}; or
   *     {@link #REFUSED}
   */
  synchronized long tryAcquire() {
    if (!allows()) {
      return REFUSED;
    }
    if (state != State.CLOSED) {
      enter(State.HALF_OPEN);
      trialUnderWay = true;
      trialSince = nanoClock.getAsLong();
    }
    return epoch;
  }

  /**
   * The callee began to answer well. A trial has done its work then, so that an answer that takes
   * long keeps nobody else out.
   *
   * @return the permit for the rest of the call
   */
  synchronized long answered(long permit) {
    if (permit == epoch && state == State.HALF_OPEN) {
      enter(State.CLOSED);
      return epoch;
    }
    return permit;
  }

  /** The call succeeded. */
  synchronized void succeeded(long permit) {
    if (permit != epoch) {
      return;
    }
    if (state == State.HALF_OPEN) {
      enter(State.CLOSED);
    } else {
      record(false);
    }
  }

  /** The call failed by the callee's fault. */
  synchronized void failed(long permit) {
    if (permit != epoch) {
      return;
    }
    if (state == State.HALF_OPEN) {
      open();
    } else {
      record(true);
    }
  }

  /** The call ended without saying anything about the callee: the client went away, say. */
  synchronized void abandoned(long permit) {
    if (permit == epoch && state == State.HALF_OPEN) {
      trialUnderWay = false;
    }
  }

  synchronized State state() {
    return state;
  }

  private void record(boolean failure) {
    if (filled == failed.length) {
      failures -= failed[next] ? 1 : 0;
    } else {
      filled++;
    }
    failed[next] = failure;
    failures += failure ? 1 : 0;
    next = (next + 1) % failed.length;
    if (filled == failed.length && failures >= failureRatio * failed.length) {
      open();
    }
  }

  private void open() {
    enter(State.OPEN);
    openedAt = nanoClock.getAsLong();
  }

  private void enter(State entered) {
    if (state != entered) {
      listener.accept(entered);
    }
    state = entered;
    epoch++;
    next = 0;
    filled = 0;
    failures = 0;
    trialUnderWay = false;
  }
}
