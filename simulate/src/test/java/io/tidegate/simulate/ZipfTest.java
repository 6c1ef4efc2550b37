package io.tidegate.simulate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ZipfTest {
  private static final int DRAWS = 200_000;

  @ParameterizedTest
  @ValueSource(doubles = {0.5, 0.9, 1.0, 1.5})
  void everyRankComesAsOftenAsTheLawSays(double exponent) {
    int n = 20;
    var zipf = new Zipf(n, exponent);
    var random = new Random(7);
    int[] seen = new int[n + 1];
    for (int i = 0; i < DRAWS; i++) {
      seen[zipf.sample(random)]++;
    }

    double sum = 0;
    for (int rank = 1; rank <= n; rank++) {
      sum += Math.pow(rank, -exponent);
    }
    assertThat(seen[0]).isZero();
    for (int rank = 1; rank <= n; rank++) {
      double share = Math.pow(rank, -exponent) / sum;
      double tolerance = 5 * Math.sqrt(share * (1 - share) / DRAWS);
      assertThat((double) seen[rank] / DRAWS)
          .as("rank " + rank)
          .isCloseTo(share, within(tolerance));
    }
  }

  @Test
  void oneRankIsAlwaysTheFirst() {
    var zipf = new Zipf(1, 0.9);
    var random = new Random(1);
    for (int i = 0; i < 100; i++) {
      assertThat(zipf.sample(random)).isEqualTo(1);
    }
  }

  @Test
  void ranksStayInRangeForManyCustomers() {
    var zipf = new Zipf(1_000_000_000, 0.9);
    var random = new Random(3);
    for (int i = 0; i < 10_000; i++) {
      assertThat(zipf.sample(random)).isBetween(1, 1_000_000_000);
    }
  }

  @Test
  void nonsenseIsRefused() {
    assertThatThrownBy(() -> new Zipf(0, 1)).hasMessage("n: 0 (expected: >= 1)");
    assertThatThrownBy(() -> new Zipf(5, Double.NaN)).hasMessageContaining("exponent: NaN");
  }
}
