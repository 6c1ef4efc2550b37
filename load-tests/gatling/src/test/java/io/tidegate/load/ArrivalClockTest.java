package io.tidegate.load;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ArrivalClockTest {
  private static final long MILLI = 1_000_000;

  private final ArrivalClock clock = new ArrivalClock(ArrivalPlan.of(Ramp.of(10, 10, 100)));

  @Test
  void whoComesAsPlannedIsNotLate() {
    for (long i = 0; i < 100; i++) {
      clock.arrived(5_000 * MILLI + i * 100 * MILLI);
    }
    assertThat(clock.arrivals()).isEqualTo(100);
    assertThat(clock.late(1)).isLessThanOrEqualTo(1);
  }

  @Test
  void aGeneratorThatStopsForASecondShowsIt() {
    for (long i = 0; i < 100; i++) {
      clock.arrived(i * 100 * MILLI + (i >= 95 ? 1_000 * MILLI : 0));
    }
    assertThat(clock.late(0.9)).isLessThanOrEqualTo(1);
    assertThat(clock.late(0.99)).isBetween(999L, 1_001L);
  }

  @Test
  void beforeTheFirstNobodyIsLate() {
    assertThat(clock.late(0.99)).isZero();
  }
}
