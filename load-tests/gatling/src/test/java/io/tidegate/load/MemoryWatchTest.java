package io.tidegate.load;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidegate.load.Verdict.Outcome;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntToDoubleFunction;
import org.junit.jupiter.api.Test;

class MemoryWatchTest {
  private static final double MEBI = 1 << 20;

  private static Verdict verdict(int samples, IntToDoubleFunction mebi) {
    List<Double> used = new ArrayList<>();
    for (int i = 0; i < samples; i++) {
      used.add(mebi.applyAsDouble(i) * MEBI);
    }
    return MemoryWatch.verdict(used, Duration.ofSeconds(5));
  }

  @Test
  void aSawtoothIsFlat() {
    assertThat(verdict(720, i -> 100 + i % 37 * 5).outcome()).isEqualTo(Outcome.PASS);
  }

  @Test
  void whatTheStartNeedsDoesNotCount() {
    assertThat(verdict(720, i -> i < 180 ? i / 2 : 100).outcome()).isEqualTo(Outcome.PASS);
  }

  @Test
  void aLeakUnderASawtoothShows() {
    Verdict leak = verdict(720, i -> 100 + i % 37 * 5 + i / 10);
    assertThat(leak.outcome()).isEqualTo(Outcome.FAIL);
    assertThat(leak.text()).contains("MiB in the second quarter");
  }

  @Test
  void aShortLookTellsNothing() {
    assertThat(verdict(20, i -> 100).outcome()).isEqualTo(Outcome.UNKNOWN);
    assertThat(verdict(0, i -> 100).outcome()).isEqualTo(Outcome.UNKNOWN);
  }
}
