package io.tidegate.ratelimit;

import io.tidegate.proto.ratelimit.Lease;
import io.vertx.core.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What one event loop holds of one subject's quota: leased units that lapse, how much to ask for
 * next, and until when asking is of no use. Mutable and allocation-free where it is warm; confined
 * to its event loop.
 */
final class Holding {
  /**
   * A lease is sized to be spent within so many parts of its life, so that next to none of it
   * lapses.
   */
  private static final long LIVES = 8;

  /**
   * A lease takes at most so many parts of what may be had at once, so that one node does not take
   * it all.
   */
  private static final long SHARES = 4;

  /**
   * While it comes to no more than one in so many of the units that the limit gives in a lease's
   * life, a lease lasts longer: what lapses of it then is nothing to the limit.
   */
  private static final long CRUMBS = 256;

  private static final long LEAST_ELAPSED_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

  /** A refusal is asked about again after so long at the latest, however long it is to last. */
  private static final long MAX_PAUSE_NANOS = TimeUnit.SECONDS.toNanos(10);

  private final Policy policy;
  private final String subject;
  private final String headerItem;
  private final long cost;
  private final long lifeNanos;
  private final long horizonNanos;
  private final long mostWished;
  private final long crumb;

  private long units;
  private long expiresAt;
  private long nextUnits;
  private long nextExpiresAt;

  private long lapsed;
  private long attempted;
  private long askedAt;
  private long wished;
  private long lastGranted;
  private boolean refusing;
  private long askAgainAt;
  private long retryAt;
  private int waiting;
  private @Nullable Future<Void> fetch;

  private long remaining;
  private long resetSeconds;
  private boolean degraded;
  private @Nullable Decision decision;
  private String[] decisionItems = {};

  Holding(Policy policy, String subject, long now) {
    this.policy = policy;
    this.subject = subject;
    this.headerItem = policy.headerItem(subject);
    Quota quota = policy.quotaOf(subject);
    this.cost = quota.cost();
    this.lifeNanos = TimeUnit.MICROSECONDS.toNanos(quota.leaseMicros());
    this.horizonNanos = lifeNanos / LIVES;
    this.mostWished = Math.max(1, quota.units(quota.toleranceMicros(), 1) / SHARES / cost) * cost;
    this.crumb = quota.units(quota.leaseMicros(), 1) / CRUMBS;
    this.wished = cost;
    this.askedAt = now - lifeNanos; // nothing is known of its rate yet
  }

  Policy policy() {
    return policy;
  }

  String subject() {
    return subject;
  }

  /** Spends one request's cost, if it is here. */
  boolean take(long now) {
    attempted += cost;
    if (units < cost || now - expiresAt >= 0) {
      lapsed += units;
      units = nextUnits;
      expiresAt = nextExpiresAt;
      nextUnits = 0;
      if (units < cost || now - expiresAt >= 0) {
        lapsed += units;
        units = 0;
        return false;
      }
    }
    units -= cost;
    return true;
  }

  /** Takes back what the last {@link #take} spent. */
  void giveBack() {
    attempted -= cost;
    units += cost;
  }

  /** Whether a request's cost is here. */
  boolean hasRoom(long now) {
    return (units >= cost && now - expiresAt < 0) || (nextUnits >= cost && now - nextExpiresAt < 0);
  }

  /** Whether the ledger had no more, and asking again is of no use yet. */
  boolean refuses(long now) {
    if (refusing && now - askAgainAt >= 0) {
      refusing = false;
    }
    return refusing;
  }

  /** Whether it is time to ask for more before this runs out. */
  boolean runsLow(long now) {
    return lastGranted >= SHARES * cost
        && units + nextUnits <= lastGranted / 2
        && fetch(now) == null
        && !refuses(now);
  }

  /** What is under way and may still bring a lease that has not lapsed. */
  @Nullable Future<Void> fetch(long now) {
    return now - askedAt < lifeNanos ? fetch : null;
  }

  void fetching(Future<Void> under) {
    fetch = under;
  }

  void waits() {
    waiting++;
  }

  void waitsNoMore() {
    waiting--;
  }

  /**
   * Units to ask for now: what waits, or what the recent rate spends soon, or in half of a life
   * where that is little, at most twice the last wish.
   */
  long wish(long now) {
    double perNano = (double) attempted / (double) Math.max(now - askedAt, LEAST_ELAPSED_NANOS);
    long soon = (long) (perNano * (double) horizonNanos);
    long later = Math.min((long) (perNano * (double) lifeNanos / 2), crumb);
    long wish = Math.max(Math.max(1, waiting) * cost, Math.min(Math.max(soon, later), 2 * wished));
    wished = Math.clamp(wish - wish % cost, cost, mostWished);
    askedAt = now;
    attempted = 0;
    return wished;
  }

  /**
   * Takes over a lease. It counts from when it was asked for, which is before the ledger booked it.
   *
   * @param asked the units that it was asked for; more may have been asked for since
   * @return whether it had lapsed on the way
   */
  boolean receive(Lease lease, long asked, long askedAt, long now) {
    if (askedAt == this.askedAt) {
      fetch = null;
    }
    decision = null;
    degraded = lease.getDegraded();
    remaining = lease.getRemaining();
    resetSeconds = Math.ceilDiv(lease.getResetMs(), 1_000);
    lastGranted = lease.getGranted();
    refusing = lease.getGranted() < asked;
    if (refusing) {
      long retry = TimeUnit.MILLISECONDS.toNanos(lease.getRetryAfterMs());
      retryAt = now + retry;
      askAgainAt = now + Math.clamp(retry, horizonNanos, MAX_PAUSE_NANOS);
    }
    long expires = askedAt + TimeUnit.MILLISECONDS.toNanos(lease.getValidMs());
    boolean late = now - expires >= 0 && lease.getGranted() > 0;
    if (late) {
      lapsed += lease.getGranted();
    } else if (nextUnits > 0 && now - nextExpiresAt < 0) {
      nextUnits += lease.getGranted();
    } else {
      lapsed += nextUnits;
      nextUnits = lease.getGranted();
      nextExpiresAt = expires;
    }
    return late;
  }

  /** Units that lapsed unspent since this was last asked. */
  long takeLapsed() {
    long since = lapsed;
    lapsed = 0;
    return since;
  }

  /** Whether the other holding is closer to refusing. */
  boolean looserThan(Holding other) {
    return remaining / cost > other.remaining / other.cost;
  }

  /** The decision for a request that all of these admit, this one being the tightest. */
  Decision admission(Holding[] all, int count) {
    Decision known = decision;
    if (known != null && known.allowed() && sameItems(all, count)) {
      return known;
    }
    return remember(all, count, true, remaining, 0);
  }

  /** The decision for a request that this one refuses. */
  Decision refusal(Holding[] all, int count, long now) {
    long seconds = Math.max(1, Math.ceilDiv(retryAt - now, TimeUnit.SECONDS.toNanos(1)));
    Decision known = decision;
    if (known != null
        && !known.allowed()
        && known.retryAfterSeconds() == seconds
        && sameItems(all, count)) {
      return known;
    }
    return remember(all, count, false, 0, seconds);
  }

  private Decision remember(
      Holding[] all, int count, boolean allowed, long left, long retryAfterSeconds) {
    String[] items = new String[count];
    for (int i = 0; i < count; i++) {
      items[i] = all[i].headerItem;
    }
    decisionItems = items;
    Decision fresh =
        new Decision(
            allowed,
            policy,
            subject,
            left,
            resetSeconds,
            retryAfterSeconds,
            degraded,
            String.join(", ", items));
    decision = fresh;
    return fresh;
  }

  private boolean sameItems(Holding[] all, int count) {
    if (decisionItems.length != count) {
      return false;
    }
    for (int i = 0; i < count; i++) {
      if (!decisionItems[i].equals(all[i].headerItem)) {
        return false;
      }
    }
    return true;
  }
}
