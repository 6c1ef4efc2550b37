package io.tidegate.edge;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import org.junit.jupiter.api.Test;

class EdgeLoopTest {
  @Test
  void datesHaveTwoDigitsForTheDay() {
    assertThat(EdgeLoop.dateOf(Instant.parse("2026-11-03T08:09:07.9Z")))
        .isEqualTo("Tue, 03 Nov 2026 08:09:07 GMT");
  }
}
