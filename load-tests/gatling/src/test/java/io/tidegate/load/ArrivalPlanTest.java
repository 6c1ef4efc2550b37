package io.tidegate.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class ArrivalPlanTest {
  @Test
  void aDayHasItsArrivalsWhateverIsRoundedOff() {
    for (long arrivals : List.of(1L, 7L, 1_000L, 300_000L, 1_234_567L)) {
      assertThat(ArrivalPlan.shaped(Evening.SHAPE, arrivals, 800).arrivals()).isEqualTo(arrivals);
    }
  }

  @Test
  void theSpikeIsAtMidnightAndHasThePeakRate() {
    ArrivalPlan day = ArrivalPlan.shaped(Evening.SHAPE, 300_000, 800);
    assertThat(day.peak()).isCloseTo(800, within(20.0)).isLessThanOrEqualTo(801);

    // Between 24:00 and 24:30 of a day from 6 to 6.
    int spike = 0;
    while (Evening.SHAPE.get(spike).at() != 24) {
      spike++;
    }
    assertThat(day.ramps().get(spike).from()).isCloseTo(day.peak(), within(1.0));
    assertThat(day.ramps().get(spike).to()).isCloseTo(day.peak(), within(1.0));
  }

  @Test
  void atTwentyTheSaleOpens() {
    ArrivalPlan day = ArrivalPlan.shaped(Evening.SHAPE, 3_000_000, 1_000);
    Ramp opening =
        day.ramps().stream()
            .max((a, b) -> Double.compare(steepness(a), steepness(b)))
            .orElseThrow();
    assertThat(opening.to() / opening.from()).isCloseTo(0.85 / 0.55, within(0.05));
  }

  private static double steepness(Ramp ramp) {
    return ramp.to() / ramp.from() < 1.3 ? 0 : (ramp.to() - ramp.from()) / ramp.seconds();
  }

  @Test
  void arrivalsAreDueInOrderAndWithinTheTime() {
    ArrivalPlan day = ArrivalPlan.shaped(Evening.SHAPE, 20_000, 500);
    long last = -1;
    for (long arrival = 0; arrival < day.arrivals(); arrival++) {
      long due = day.dueNanos(arrival);
      assertThat(due).isGreaterThanOrEqualTo(last);
      last = due;
    }
    assertThat(last).isLessThanOrEqualTo(day.duration().toNanos());
    assertThat(day.dueNanos(day.arrivals())).isEqualTo(day.duration().toNanos());
  }

  @Test
  void steadyIsSteadyAfterATenthOfTheTime() {
    ArrivalPlan plan = ArrivalPlan.steady(100, Duration.ofSeconds(60));
    assertThat(plan.ramps()).hasSize(2);
    assertThat(plan.ramps().getLast().from()).isCloseTo(100, within(0.1));
    assertThat(plan.ramps().getLast().to()).isCloseTo(100, within(0.1));
    assertThat(plan.duration()).isBetween(Duration.ofSeconds(60), Duration.ofSeconds(61));
    assertThat(plan.arrivals()).isEqualTo(330 + 5_400);
  }

  @Test
  void aRampLastsWholeSecondsAndIsNeverFasterThanAskedFor() {
    for (long arrivals = 1; arrivals < 500; arrivals += 7) {
      Ramp ramp = Ramp.of(10, 30, arrivals);
      assertThat(ramp.seconds()).isGreaterThanOrEqualTo(1);
      assertThat(ramp.to()).isLessThanOrEqualTo(30.1);
      assertThat((long) ((ramp.from() + ramp.to()) / 2 * ramp.seconds())).isEqualTo(arrivals);
    }
  }

  @Test
  void halfOfARampsArrivalsComeAfterMoreThanHalfOfItsTime() {
    Ramp ramp = Ramp.of(0, 100, 500);
    assertThat(ramp.seconds()).isEqualTo(10);
    assertThat(ramp.due(0)).isZero();
    assertThat(ramp.due(250)).isCloseTo(10 / Math.sqrt(2), within(0.01));
    assertThat(ramp.due(500)).isCloseTo(10, within(0.01));
  }
}
