package io.tidegate.bus;

import java.time.Duration;
import java.util.Collection;
import java.util.function.LongSupplier;

/**
 * Whether this node has heard all news of the other ones. Not so when an event was lost, when a
 * node was lost that may have had more to tell, and while one is not heard. Safe from any thread.
 */
final class Doubt {
  /** A node that was not heard for so long may have told something. */
  static final Duration UNHEARD = Duration.ofSeconds(1);

  /** What a dead node had sent to Postgres may take effect for so long. */
  private static final Duration AFTERMATH = Duration.ofSeconds(1);

  /**
   * Reasons that follow each other within so long count as one, from the first on. As long as what
   * is in doubt may be used at the most, so that reason after reason does not lengthen that.
   */
  private static final Duration ONE_REASON = Duration.ofSeconds(1);

  private final LongSupplier nanoTime;
  private volatile Reasons reasons;
  private volatile long hearsAllUntil = Long.MAX_VALUE;

  /**
   * The last two reasons for doubt, by the clock's nanoseconds: what was read until then has been
   * in doubt since. What was in doubt before the last one and was not read again since stays in
   * doubt for as long as it was.
   */
  private record Reasons(long until, long since, long formerUntil, long formerSince) {
    Reasons and(long newUntil, long newSince) {
      boolean sameReason = newSince - since < ONE_REASON.toNanos();
      long latest = newUntil - until < 0 ? until : newUntil;
      return sameReason
          ? new Reasons(latest, since, formerUntil, formerSince)
          : new Reasons(latest, newSince, until, since);
    }
  }

  Doubt() {
    this(System::nanoTime);
  }

  Doubt(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
    long now = nanoTime.getAsLong();
    reasons = new Reasons(now, now, now, now);
  }

  /** An event was lost. */
  void eventLost() {
    long now = nanoTime.getAsLong();
    begins(now, now);
  }

  /** A node was lost. */
  void nodeLost() {
    long now = nanoTime.getAsLong();
    begins(now + AFTERMATH.toNanos(), now);
  }

  private synchronized void begins(long until, long since) {
    reasons = reasons.and(until, since);
  }

  /** To be called with every beat. */
  void look(Collection<Peer> peers) {
    long longest = -1;
    for (Peer peer : peers) {
      if (peer.mayTell()) {
        longest = Math.max(longest, peer.silentFor());
      }
    }
    look(longest);
  }

  /**
   * @param longestSilence of those that may be telling something; negative when there is none
   */
  void look(long longestSilence) {
    long now = nanoTime.getAsLong();
    long before = hearsAllUntil;
    long next = longestSilence < 0 ? Long.MAX_VALUE : now - longestSilence + UNHEARD.toNanos();
    if (before != Long.MAX_VALUE && now - before > 0 && (longestSilence < 0 || next - now >= 0)) {
      // All are heard again. Whether something was lost meanwhile is known with the beat after
      // this one; until then, what was in doubt is.
      begins(now, before);
    }
    hearsAllUntil = next;
  }

  /** For how long what was read at that time has been in doubt; 0 when it is not. */
  long since(long readAt) {
    long now = nanoTime.getAsLong();
    long allUntil = hearsAllUntil;
    long unheard = allUntil == Long.MAX_VALUE ? 0 : Math.max(0, now - allUntil);
    Reasons known = reasons;
    long lost = 0;
    if (readAt - known.formerUntil <= 0) {
      lost = Math.max(1, now - known.formerSince);
    } else if (readAt - known.until <= 0) {
      lost = Math.max(1, now - known.since);
    }
    return Math.max(unheard, lost);
  }
}
