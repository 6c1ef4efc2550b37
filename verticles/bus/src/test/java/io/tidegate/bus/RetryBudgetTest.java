package io.tidegate.bus;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class RetryBudgetTest {
  @Test
  void theBudgetIsAShareAndAFew() {
    AtomicLong clock = new AtomicLong();
    RetryBudget budget = new RetryBudget(0.2, 3, clock::get);
    int granted = 0;
    for (int i = 0; i < 1_000; i++) {
      budget.request();
      granted += budget.tryRetry() ? 1 : 0;
    }
    assertThat(granted).isBetween(200, 203);
    assertThat(budget.tryRetry()).isFalse();
    clock.addAndGet(1_000_000_000L);
    assertThat(IntStream.range(0, 10).filter(i -> budget.tryRetry()).count()).isEqualTo(3);
    clock.addAndGet(3_600_000_000_000L);
    assertThat(IntStream.range(0, 10).filter(i -> budget.tryRetry()).count())
        .as("unspent ones lapse")
        .isEqualTo(3);
  }
}
