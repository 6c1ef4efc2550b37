package io.tidegate.ratelimit;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.UUID;
import org.junit.jupiter.api.Test;

/** What every ledger has to do. */
abstract class LedgerContract {
  private final String key = RateLimits.key("policy", UUID.randomUUID().toString());

  abstract Grant take(String key, Quota quota, long units, long notBefore);

  /** Returns once so much time has passed on the ledger's clock. */
  abstract void pass(long micros);

  @Test
  void grantsTheBurstAndNoMore() {
    Quota quota = Quota.of(10, 3_600_000_000L, 4, 1);
    Grant first = take(key, quota, 3, 0);
    assertThat(first.granted()).isEqualTo(3);
    assertThat(first.remaining(quota, 1)).isEqualTo(1);
    assertThat(first.resetMicros()).isEqualTo(1_080_000_000L);
    Grant rest = take(key, quota, 3, 0);
    assertThat(rest.granted()).isEqualTo(1);
    Grant none = take(key, quota, 1, 0);
    assertThat(none.granted()).isZero();
    assertThat(none.tat()).isEqualTo(rest.tat());
    assertThat(none.retryMicros(quota, 1)).isBetween(350_000_000L, 360_000_000L);
  }

  @Test
  void fillsUpAgainAtTheRate() {
    Quota quota = Quota.of(10, 1_000_000, 1, 1);
    assertThat(take(key, quota, 1, 0).granted()).isEqualTo(1);
    Grant refused = take(key, quota, 1, 0);
    assertThat(refused.granted()).isZero();
    pass(refused.retryMicros(quota, 1));
    assertThat(take(key, quota, 1, 0).granted()).isEqualTo(1);
  }

  @Test
  void grantsWholeRequestsOnly() {
    Quota quota = Quota.of(10, 3_600_000_000L, 10, 4);
    assertThat(take(key, quota, 12, 0).granted()).isEqualTo(8);
    assertThat(take(key, quota, 4, 0).granted()).isZero();
  }

  @Test
  void keepsKeysApart() {
    Quota quota = Quota.of(10, 3_600_000_000L, 1, 1);
    assertThat(take(key, quota, 1, 0).granted()).isEqualTo(1);
    assertThat(take(key + "'", quota, 1, 0).granted()).isEqualTo(1);
  }

  @Test
  void believesATatFromElsewhereWhenItIsNewer() {
    Quota quota = Quota.of(10, 3_600_000_000L, 4, 1);
    Grant first = take(key, quota, 1, 0);
    Grant second = take(key, quota, 4, first.now() + quota.micros(3, 1));
    assertThat(second.granted()).isEqualTo(1);
    assertThat(take(key, quota, 1, first.now() - 5).granted()).isZero();
  }

  @Test
  void movesTheTatAsTheLawSays() {
    java.util.Random random = new java.util.Random(11);
    for (int policy = 0; policy < 20; policy++) {
      long limit = 1L + random.nextInt(5_000);
      long period = 1_000_000L * (1 + random.nextInt(60));
      long burst = Quota.leastBurst(limit, period, 1) + random.nextInt(200);
      Quota quota = Quota.of(limit, period, burst, 1);
      long tat = 0;
      for (int i = 0; i < 20; i++) {
        long units = 1L + random.nextInt(40);
        Grant grant = take(key + policy, quota, units, 0);
        assertThat(grant).isEqualTo(quota.take(tat, grant.now(), units, 1));
        tat = grant.tat();
      }
    }
  }
}
