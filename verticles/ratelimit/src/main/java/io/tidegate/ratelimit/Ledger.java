package io.tidegate.ratelimit;

import io.vertx.core.Future;

/** The books of what each subject has spent: one number a key, moved by GCRA atomically. */
interface Ledger {
  /**
   * Takes up to so many units.
   *
   * @param key of policy and subject
   * @param units wished for; a multiple of the quota's cost is granted, as much of it as there is
   * @param notBefore a TAT known from elsewhere, on the ledger's clock; the ledger's own may be
   *     older, not newer. 0: none
   * @return fails when the ledger is out of reach; then the units may be taken all the same, which
   *     errs to the safe side
   */
  Future<Grant> take(String key, Quota quota, long units, long notBefore);
}
