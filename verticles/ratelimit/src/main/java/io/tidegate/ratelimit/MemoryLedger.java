package io.tidegate.ratelimit;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.tidegate.ratelimit.Ledger.Withdrawal;
import java.time.Duration;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The same books in this process, bounded; safe from any thread. It is a node's own share while
 * Redis is lost, so it also learns what Redis last said, in Redis's time.
 */
final class MemoryLedger {
  private final Cache<String, Account> accounts;
  private final LongSupplier microClock;
  private volatile long ahead;

  /**
   * @param maxKeys least recently and least often used ones beyond that are forgotten
   * @param microClock monotonic microseconds
   */
  MemoryLedger(long maxKeys, Duration forgetAfter, LongSupplier microClock) {
    this.microClock = microClock;
    this.accounts =
        Caffeine.newBuilder()
            .maximumSize(maxKeys)
            .expireAfterAccess(forgetAfter)
            .ticker(() -> microClock.getAsLong() * 1_000)
            .executor(Runnable::run)
            .build();
  }

  /** Takes units of one key, as a {@link Ledger} does. */
  Grant take(Withdrawal withdrawal) {
    Account account = accounts.get(withdrawal.key(), k -> new Account(0));
    long now = now();
    synchronized (account) {
      account.tat = Math.max(account.tat, withdrawal.notBefore());
      return account.take(withdrawal.quota(), 1, withdrawal.units(), now);
    }
  }

  /**
   * Takes from what this node may grant alone. A subject that other nodes may have granted all the
   * rest starts with a single request: one never seen here, and, when there are other nodes, any in
   * each outage.
   */
  Grant takeShare(String key, Quota quota, long nodes, long units, int outage) {
    long now = now();
    long start = now + quota.tolerance(nodes) - quota.micros(quota.cost(), nodes);
    Account account = accounts.get(key, k -> new Account(start));
    synchronized (account) {
      if (nodes > 1 && account.outage != outage) {
        account.outage = outage;
        account.tat = Math.max(account.tat, start);
      }
      return account.take(quota, nodes, units, now);
    }
  }

  /** Notes what the ledger in Redis said. */
  void learn(String key, Grant grant) {
    sets(grant.now());
    if (grant.tat() > grant.now()) {
      Account account = accounts.get(key, k -> new Account(0));
      synchronized (account) {
        account.tat = Math.max(account.tat, grant.tat());
      }
    }
  }

  /** Notes what time it is in Redis. */
  void sets(long ledgerMicros) {
    ahead = ledgerMicros - microClock.getAsLong();
  }

  /** The TAT this node knows of a key; 0 when none that still matters. */
  long known(String key) {
    @Nullable Account account = accounts.getIfPresent(key);
    if (account == null) {
      return 0;
    }
    synchronized (account) {
      return account.tat > now() ? account.tat : 0;
    }
  }

  long size() {
    accounts.cleanUp();
    return accounts.estimatedSize();
  }

  private long now() {
    return microClock.getAsLong() + ahead;
  }

  /** One key's number, guarded by itself. */
  private static final class Account {
    private long tat;
    private int outage;

    Account(long tat) {
      this.tat = tat;
    }

    Grant take(Quota quota, long nodes, long units, long now) {
      Grant grant = quota.take(tat, now, units, nodes);
      tat = grant.tat();
      return grant;
    }
  }
}
