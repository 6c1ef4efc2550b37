package io.tidegate.ratelimit;

import io.tidegate.ratelimit.Table.Counted;
import org.jspecify.annotations.Nullable;

/** What an event loop holds for one subject: a holding of each policy that applied to it so far. */
final class Account {
  private final String subject;

  /** The table's own array, so that a glance tells whether other policies are in force. */
  Counted[] policies;

  /** By the policies' places; others read it to count leases. */
  volatile @Nullable Holding[] holdings;

  Account(String subject, Counted[] policies) {
    this.subject = subject;
    this.policies = policies;
    this.holdings = new Holding[policies.length];
  }

  /** The holding of the policy at this place. */
  Holding of(int place, long now) {
    Holding holding = holdings[place];
    if (holding == null) {
      holding = new Holding(policies[place].policy(), subject, now);
      holdings[place] = holding;
    }
    return holding;
  }

  /** Other policies are in force; those that are as they were keep their holdings. */
  void become(Counted[] now) {
    @Nullable Holding[] kept = new Holding[now.length];
    for (Holding held : holdings) {
      for (int i = 0; held != null && i < now.length; i++) {
        if (now[i].policy().equals(held.policy())) {
          kept[i] = held;
        }
      }
    }
    policies = now;
    holdings = kept;
  }
}
