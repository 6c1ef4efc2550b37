package io.tidegate.load;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class SpeedTest {
  @Test
  void whatComesBeforeItIsWarmAndTheLastCutSecondDoNotCount() {
    assertThat(Speed.lately(List.of(0L, 0L, 5L, 50L, 200L, 400L, 1_000L, 1_100L, 40L)))
        .isEqualTo(1_050);
  }

  @Test
  void aRunWithoutAnswersHasNoSpeed() {
    assertThat(Speed.lately(List.of())).isZero();
    assertThat(Speed.lately(List.of(0L, 0L))).isZero();
    assertThat(Speed.lately(List.of(7L))).isEqualTo(7);
  }
}
