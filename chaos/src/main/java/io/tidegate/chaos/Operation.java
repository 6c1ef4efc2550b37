package io.tidegate.chaos;

import java.util.Locale;

/** What clients ask for. */
enum Operation {
  /** An event to be taken. */
  EVENT(200),
  /** A profile; that there is none is an answer too. */
  PROFILE(404),
  /** A call routed to the upstream. */
  ROUTED(200),
  /** The same on a route whose limit the traffic exceeds by half. */
  LIMITED(429);

  private final int alsoGood;

  /**
   * @param alsoGood a status that a client expects besides those below 400
   */
  Operation(int alsoGood) {
    this.alsoGood = alsoGood;
  }

  boolean isGood(int status) {
    return status < 400 || status == alsoGood;
  }

  String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
