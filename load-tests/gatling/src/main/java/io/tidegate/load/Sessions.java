package io.tidegate.load;

import java.util.concurrent.atomic.AtomicLong;

/** How users' sessions end. Safe from any thread. */
final class Sessions {
  private final AtomicLong completed = new AtomicLong();
  private final AtomicLong givenUp = new AtomicLong();

  void complete() {
    completed.incrementAndGet();
  }

  void giveUp() {
    givenUp.incrementAndGet();
  }

  long completed() {
    return completed.get();
  }

  long givenUp() {
    return givenUp.get();
  }
}
