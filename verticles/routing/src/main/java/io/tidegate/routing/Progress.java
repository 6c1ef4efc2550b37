package io.tidegate.routing;

import java.time.Duration;
import java.util.function.Consumer;

/**
 * Where an exchange is, and how long it may stay there. Lives on the exchange's event loop only.
 */
final class Progress {
  enum Phase {
    /** waiting for a connection */
    CONNECT,
    /** sending the request's body */
    UPLOAD,
    /** waiting for the response's head */
    ANSWER,
    /** passing the response's body on */
    DOWNLOAD,
    /** answered; the rest of the request's body is of no use */
    DISCARD,
    DONE
  }

  /** Which limit was passed. */
  enum Limit {
    /** the phase's own */
    PHASE,
    /** the route's for the whole request */
    TOTAL
  }

  private final Route route;
  private final Deadlines deadlines;
  private final Consumer<Limit> late;
  private final long startedAt = System.nanoTime();
  private Phase phase = Phase.CONNECT;
  private long phaseEndsAt;

  /**
   * @param late called each tick while a limit is passed
   */
  Progress(Route route, Deadlines deadlines, Consumer<Limit> late) {
    this.route = route;
    this.deadlines = deadlines;
    this.late = late;
  }

  /** Has the limits watched from now on. */
  void begin() {
    deadlines.watch(this);
  }

  Phase phase() {
    return phase;
  }

  boolean is(Phase which) {
    return phase == which;
  }

  /** Goes on to another phase but the last; its time starts now. */
  void enter(Phase next) {
    phase = next;
    endPhaseAfter(
        switch (next) {
          case CONNECT ->
              route.upstream().settings().connectTimeout.plusMillis(2 * Deadlines.TICK_MS);
          case ANSWER -> route.answerTimeout();
          case UPLOAD, DOWNLOAD, DISCARD, DONE -> route.idleTimeout();
        });
  }

  /** Some of a body went on, so the idle time starts anew. */
  void moved() {
    endPhaseAfter(route.idleTimeout());
  }

  private void endPhaseAfter(Duration limit) {
    phaseEndsAt = System.nanoTime() + limit.toNanos();
  }

  /** Nothing could be read for so long: that time counts against nobody. */
  void extend(long nanos) {
    phaseEndsAt += nanos;
  }

  /** It is over; nothing is watched any more. */
  void end() {
    phase = Phase.DONE;
    deadlines.forget(this);
  }

  long nanosSinceStart() {
    return System.nanoTime() - startedAt;
  }

  /** Called every tick. */
  void check(long now) {
    Duration total = route.totalTimeout();
    if (total != null && now - startedAt >= total.toNanos() && phase != Phase.DISCARD) {
      late.accept(Limit.TOTAL);
    } else if (now - phaseEndsAt >= 0) {
      late.accept(Limit.PHASE);
    }
  }
}
