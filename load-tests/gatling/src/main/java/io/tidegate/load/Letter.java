package io.tidegate.load;

import io.gatling.javaapi.core.Session;

/**
 * A request's body that a session keeps, so that every try sends the same events, as a client of
 * Segment's does.
 */
final class Letter {
  private static final String KEY = "letter";

  private final byte[] body;
  private final long first;
  private final int events;

  /**
   * @param body which is not copied
   * @param first the number of the first event, as {@link EventBodies} counts
   * @param events how many there are
   */
  Letter(byte[] body, long first, int events) {
    this.body = body;
    this.first = first;
    this.events = events;
  }

  byte[] body() {
    return body;
  }

  long first() {
    return first;
  }

  int events() {
    return events;
  }

  /** The session with it. */
  Session in(Session session) {
    return session.set(KEY, this);
  }

  /** The one that a session keeps. */
  static Letter of(Session session) {
    Letter letter = session.get(KEY);
    if (letter == null) {
      throw new IllegalStateException("no body was written");
    }
    return letter;
  }

  static boolean isIn(Session session) {
    return session.contains(KEY);
  }

  /** The session without any. */
  static Session outOf(Session session) {
    return session.remove(KEY);
  }
}
