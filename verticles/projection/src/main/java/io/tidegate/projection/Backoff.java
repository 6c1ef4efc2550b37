package io.tidegate.projection;

import java.time.Duration;

/** The wait before the next attempt: doubles with every failure up to a most. Not thread-safe. */
final class Backoff {
  private final Duration first;
  private final Duration most;
  private Duration next;

  Backoff(Duration first, Duration most) {
    this.first = first;
    this.most = most;
    this.next = first;
  }

  /** One more failure. @return how long to wait now */
  Duration failed() {
    Duration now = next;
    Duration doubled = next.multipliedBy(2);
    next = doubled.compareTo(most) < 0 ? doubled : most;
    return now.compareTo(most) < 0 ? now : most;
  }

  void succeeded() {
    next = first;
  }
}
