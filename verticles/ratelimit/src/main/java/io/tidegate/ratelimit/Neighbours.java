package io.tidegate.ratelimit;

import io.tidegate.bus.Peers;

/** What this node knows of the others; safe from any thread. */
interface Neighbours {
  /** Near sides alive, this node's included: what a share is reckoned by. */
  int nearSides();

  /** Whether another node says that it reaches the ledger. */
  boolean reach();

  /**
   * Whether another node may be granting from the ledger for all this one knows: one that says so,
   * and one that was not heard of lately and is not known to be dead.
   */
  boolean mayReach();

  /** As the beats tell. */
  static Neighbours of(Peers peers) {
    return new Neighbours() {
      @Override
      public int nearSides() {
        return Math.max(1, peers.live("edge"));
      }

      @Override
      public boolean reach() {
        return peers.able("ratelimit");
      }

      @Override
      public boolean mayReach() {
        return peers.mayBeAble("ratelimit");
      }
    };
  }
}
