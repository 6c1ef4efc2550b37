package io.tidegate.ratelimit;

import io.tidegate.ratelimit.Table.Counted;
import org.jspecify.annotations.Nullable;

/** What an event loop holds for one subject: a holding of each policy that applied to it so far. */
final class Holdings {
  private final String subject;

  /** The table's own array, so that a glance tells whether other policies are in force. */
  Counted[] policies;

  /** The policies' places are its own; other threads read it to count leases. */
  volatile @Nullable Holding[] byPlace;

  Holdings(String subject, Counted[] policies) {
    this.subject = subject;
    this.policies = policies;
    this.byPlace = new Holding[policies.length];
  }

  /** The holding of the policy at this place. */
  Holding of(int place, long now) {
    Holding holding = byPlace[place];
    if (holding == null) {
      holding = new Holding(policies[place].policy(), subject, now);
      byPlace[place] = holding;
    }
    return holding;
  }

  /** Other policies are in force; those that are as they were keep their holdings. */
  void become(Counted[] now) {
    @Nullable Holding[] kept = new Holding[now.length];
    for (Holding held : byPlace) {
      for (int i = 0; held != null && i < now.length; i++) {
        if (now[i].policy().equals(held.policy())) {
          kept[i] = held;
        }
      }
    }
    policies = now;
    byPlace = kept;
  }
}
