package io.tidegate.ratelimit;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;

class QuotaTest {
  private static final long MINUTE = 60_000_000;

  @Test
  void givesTheBurstAtOnceAndThenTheRate() {
    Quota fivePerMinute = Quota.of(5, MINUTE, 2, 1);
    Grant atOnce = fivePerMinute.take(0, 1_000_000, 10, 1);
    assertThat(atOnce.granted()).isEqualTo(2);
    assertThat(atOnce.remaining(fivePerMinute, 1)).isZero();
    assertThat(atOnce.retryMicros(fivePerMinute, 1)).isEqualTo(12_000_000);
    assertThat(atOnce.resetMicros()).isEqualTo(24_000_000);
    assertThat(fivePerMinute.take(atOnce.tat(), 12_999_999, 1, 1).granted()).isZero();
    assertThat(fivePerMinute.take(atOnce.tat(), 13_000_000, 1, 1).granted()).isEqualTo(1);
  }

  @Test
  void sharesTheRateAmongNodes() {
    Quota quota = Quota.of(60, MINUTE, 30, 1);
    Grant share = quota.take(0, 1, 100, 3);
    assertThat(share.granted()).isEqualTo(10);
    assertThat(share.retryMicros(quota, 3)).isEqualTo(3_000_000);
  }

  @Test
  void grantsWholeRequestsOnly() {
    Quota quota = Quota.of(100, MINUTE, 10, 3);
    assertThat(quota.take(0, 1, 30, 1).granted()).isEqualTo(9);
    assertThat(quota.take(0, 1, 7, 1).granted()).isEqualTo(6);
  }

  @Test
  void aClockSetBackDoesNotLockASubjectOut() {
    Quota quota = Quota.of(60, MINUTE, 1, 1);
    Grant afterJump = quota.take(1_000 * MINUTE, MINUTE, 1, 1);
    assertThat(afterJump.granted()).isZero();
    assertThat(afterJump.retryMicros(quota, 1)).isEqualTo(1_000_000);
  }

  /**
   * Spent at the latest moment a lease allows, by any grants the law gives, no period sees too
   * much.
   */
  @Test
  void neverMoreThanLimitAndBurstInAPeriodWhenLeasesAreSpentLate() {
    Random random = new Random(4);
    for (int run = 0; run < 300; run++) {
      long period = 1_000_000L * (1 + random.nextInt(120));
      long limit = 1L + random.nextInt(3_000);
      long burst = Quota.leastBurst(limit, period, 1) + random.nextInt(50);
      Quota quota = Quota.of(limit, period, burst, 1);
      long late = quota.leaseMicros() + quota.leaseMicros() / 200;
      long start = 7_777_777L + random.nextInt(1_000_000);
      // An empty ledger gives all it has to leases spent at their end; then it is drained as it
      // fills.
      Grant grant = quota.take(0, start, Long.MAX_VALUE / quota.denominator() / 2, 1);
      long units = grant.granted();
      long last = start + late + period - 1;
      for (long now = start; now <= last; now += Math.max(1, grant.retryMicros(quota, 1))) {
        grant = quota.take(grant.tat(), now, limit, 1);
        units += grant.granted();
      }
      assertThat(units).as("%s", quota).isLessThanOrEqualTo(limit + burst);
      assertThat(units).as("%s", quota).isGreaterThanOrEqualTo(limit);
    }
  }

  @Test
  void leasesNeverTakeAllOfTheBurst() {
    Random random = new Random(5);
    for (int run = 0; run < 10_000; run++) {
      long period = 1_000_000L * (1 + random.nextInt(100_000));
      long limit = 1L + random.nextInt(1_000_000);
      long burst = Quota.leastBurst(limit, period, 1) + random.nextInt(50);
      Quota quota = Quota.of(limit, period, burst, 1);
      assertThat(quota.leaseMicros()).isBetween(Quota.MIN_LEASE_MICROS, Quota.MAX_LEASE_MICROS);
      assertThat(quota.toleranceMicros())
          .as("%s", quota)
          .isGreaterThanOrEqualTo(quota.micros(1, 1));
      assertThat(quota.toleranceMicros()).isLessThanOrEqualTo(quota.micros(burst, 1));
    }
  }

  @Test
  void tellsWhetherTheScriptCanReckonExactly() {
    assertThat(Quota.isExact(1_000_000, 86_400_000_000L, 100_000)).isTrue();
    assertThat(Quota.isExact(999_983, 86_400_000_000L, 999_983)).isFalse();
  }
}
