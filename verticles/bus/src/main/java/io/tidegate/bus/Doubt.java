package io.tidegate.bus;

import java.time.Duration;
import java.util.Collection;

/**
 * Whether this node has heard all news of the other ones. Not so when an event was lost, when a
 * node was lost that may have had more to tell, and while one is not heard. Times are {@link
 * System#nanoTime}. Safe from any thread.
 */
final class Doubt {
  /** A node that was not heard for so long may have told something. */
  static final Duration UNHEARD = Duration.ofSeconds(1);

  /** What a dead node had sent to Postgres may take effect for so long. */
  private static final Duration AFTERMATH = Duration.ofSeconds(1);

  private volatile long noticedAt = System.nanoTime();
  private volatile long until = noticedAt;
  private volatile long hearsAllUntil = Long.MAX_VALUE;

  /** An event was lost. */
  void eventLost() {
    begins(0);
  }

  /** A node was lost. */
  void nodeLost() {
    begins(AFTERMATH.toNanos());
  }

  private synchronized void begins(long aftermath) {
    long now = System.nanoTime();
    noticedAt = now;
    until = Math.max(until, now + aftermath);
  }

  /** To be called with every beat. */
  void look(Collection<Peer> peers) {
    long longest = 0;
    boolean any = false;
    for (Peer peer : peers) {
      if (peer.state() == Peer.State.LIVE || peer.state() == Peer.State.SILENT) {
        any = true;
        longest = Math.max(longest, peer.silentFor());
      }
    }
    hearsAllUntil = any ? System.nanoTime() - longest + UNHEARD.toNanos() : Long.MAX_VALUE;
  }

  /** For how long what was read at that time has been in doubt; 0 when it is not. */
  long since(long readAt) {
    long now = System.nanoTime();
    long unheard = hearsAllUntil == Long.MAX_VALUE ? 0 : Math.max(0, now - hearsAllUntil);
    long lost = readAt - until <= 0 ? Math.max(1, now - noticedAt) : 0;
    return Math.max(unheard, lost);
  }
}
