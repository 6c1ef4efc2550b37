package io.tidegate.ratelimit;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class MemoryLedgerTest extends LedgerContract {
  private long now = 5_000_000;
  private final MemoryLedger ledger = new MemoryLedger(1_000, Duration.ofMinutes(10), () -> now);

  @Override
  Grant take(String key, Quota quota, long units, long notBefore) {
    return ledger.take(new Ledger.Withdrawal(key, quota, units, notBefore));
  }

  @Override
  void pass(long micros) {
    now += micros;
  }

  @Test
  void aFloodOfKeysStaysBounded() {
    Quota quota = Quota.of(10, 60_000_000, 1, 1);
    for (int i = 0; i < 100_000; i++) {
      ledger.takeShare("address " + i, quota, 1, 1, 1);
    }
    assertThat(ledger.size()).isLessThanOrEqualTo(1_000);
  }

  @Test
  void aShareBeginsWithOneRequestWhenNothingIsKnown() {
    Quota quota = Quota.of(60, 60_000_000, 30, 1);
    assertThat(ledger.takeShare("a", quota, 3, 5, 1).granted()).isEqualTo(1);
    assertThat(ledger.takeShare("a", quota, 3, 5, 1).granted()).isZero();
    now += 6_000_000;
    assertThat(ledger.takeShare("a", quota, 3, 5, 1).granted()).isEqualTo(2);
  }

  @Test
  void aShareBeginsWithOneRequestInEachOutageSinceOthersMayHaveSpentTheRest() {
    Quota quota = Quota.of(60, 60_000_000, 30, 1);
    ledger.learn("a", new Grant(3, 1_000, 1_000));
    assertThat(ledger.takeShare("a", quota, 3, 5, 1).granted()).isEqualTo(1);
    now += 60_000_000;
    assertThat(ledger.takeShare("a", quota, 3, 5, 1).granted()).isEqualTo(5);
    now += 60_000_000;
    assertThat(ledger.takeShare("a", quota, 3, 5, 2).granted()).isEqualTo(1);
  }

  @Test
  void aShareGoesOnWhereTheSharedLedgerStopped() {
    Quota quota = Quota.of(60, 60_000_000, 30, 1);
    long theirs = 9_000_000_000L;
    ledger.learn("a", new Grant(3, theirs + quota.micros(24, 1), theirs));
    assertThat(ledger.known("a")).isEqualTo(theirs + quota.micros(24, 1));
    assertThat(ledger.takeShare("a", quota, 1, 50, 1).granted()).isEqualTo(6);
    assertThat(ledger.known("a")).isGreaterThan(theirs + quota.micros(24, 1));
    now += 60_000_000;
    assertThat(ledger.known("a")).isZero();
  }
}
