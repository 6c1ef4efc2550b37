package io.tidegate.ratelimit;

import io.vertx.core.Future;
import java.util.List;

/** The books of what each subject has spent: one number a key, moved by GCRA atomically. */
@FunctionalInterface
interface Ledger {
  /**
   * Takes units of each of these keys, of each by itself: what one has no more of, the others are
   * granted all the same.
   *
   * @return what is granted, in the same order; fails as a whole when the ledger is out of reach.
   *     Then units may be taken all the same, which errs to the safe side; so they may be twice
   *     when Redis forgets its scripts in the middle of it
   */
  Future<List<Grant>> take(List<Withdrawal> withdrawals);

  /**
   * A wish for up to so many units of one key.
   *
   * @param key of policy and subject
   * @param units wished for; a multiple of the quota's cost is granted, as much of it as there is
   * @param notBefore a TAT known from elsewhere, on the ledger's clock; the ledger's own may be
   *     older, not newer. 0: none
   */
  record Withdrawal(String key, Quota quota, long units, long notBefore) {}
}
