package io.tidegate.load;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class AnswerCountsTest {
  private final AnswerCounts counts = new AnswerCounts();

  @Test
  void answersAreCountedByStatus() {
    counts.answered(200);
    counts.answered(200);
    counts.answered(429);
    counts.answered(9_999);
    assertThat(counts.statuses())
        .containsEntry(200, 2L)
        .containsEntry(429, 1L)
        .containsEntry(599, 1L);
    assertThat(counts.count(200, 299)).isEqualTo(2);
    assertThat(counts.count(429, 429)).isEqualTo(1);
    assertThat(counts.count(0, 599)).isEqualTo(4);
  }

  @Test
  void timesAreKeptWithoutBound() {
    counts.took(0);
    counts.took(5);
    counts.took(Integer.MAX_VALUE);
    var times = AnswerCounts.emptyTimes();
    counts.addTimesTo(times);
    assertThat(times.getTotalCount()).isEqualTo(3);
    assertThat(times.getValueAtPercentile(50)).isEqualTo(5);
    assertThat(times.getMaxValue()).isGreaterThanOrEqualTo(120_000);
  }
}
