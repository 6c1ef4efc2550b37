package io.tidegate.load;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidegate.load.MemoryWatch.Point;
import io.tidegate.load.Metrics.Sample;
import io.tidegate.load.Verdict.Outcome;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import java.util.function.IntToDoubleFunction;
import org.junit.jupiter.api.Test;

class MemoryWatchTest {
  private static final double MEBI = 1 << 20;
  private static final Duration EVERY = Duration.ofSeconds(5);

  private static Verdict verdict(int samples, IntToDoubleFunction mebi) {
    return verdictOf(samples, i -> new Point(mebi.applyAsDouble(i) * MEBI, MEBI));
  }

  private static Verdict verdictOf(int samples, IntFunction<Point> point) {
    List<Point> points = new ArrayList<>();
    for (int i = 0; i < samples; i++) {
      points.add(point.apply(i));
    }
    return MemoryWatch.verdict(points, EVERY.multipliedBy(samples), EVERY);
  }

  @Test
  void aSawtoothIsFlat() {
    assertThat(verdict(720, i -> 100 + i % 37 * 5).outcome()).isEqualTo(Outcome.PASS);
  }

  @Test
  void whatTheStartNeedsDoesNotCount() {
    assertThat(verdict(720, i -> i < 180 ? 1 + i / 2 : 100).outcome()).isEqualTo(Outcome.PASS);
  }

  @Test
  void aLeakUnderASawtoothShows() {
    Verdict leak = verdict(720, i -> 100 + i % 37 * 5 + i / 10);
    assertThat(leak.outcome()).isEqualTo(Outcome.FAIL);
    assertThat(leak.text()).contains("least live ", "in the second quarter", "beside the heap");
  }

  @Test
  void aProcessThatGrowsBesideItsHeapShows() {
    assertThat(verdictOf(720, i -> new Point(50 * MEBI, (100 + i) * MEBI)).outcome())
        .isEqualTo(Outcome.FAIL);
  }

  @Test
  void aHeapThatGrowsBesideALargeProcessShows() {
    assertThat(verdictOf(720, i -> new Point((40 + i / 18) * MEBI, 300 * MEBI)).outcome())
        .isEqualTo(Outcome.FAIL);
    assertThat(verdictOf(720, i -> new Point((40 + i / 18) * MEBI, (400 - i / 9) * MEBI)).outcome())
        .as("while the rest shrinks")
        .isEqualTo(Outcome.FAIL);
    assertThat(verdictOf(720, i -> new Point((40 + i / 90) * MEBI, 300 * MEBI)).outcome())
        .isEqualTo(Outcome.PASS);
  }

  @Test
  void aPointThatTellsLessThanTheOthersHidesNothing() {
    assertThat(verdictOf(720, i -> new Point((50 + i) * MEBI, i == 700 ? 0 : 300 * MEBI)).outcome())
        .isEqualTo(Outcome.FAIL);
  }

  @Test
  void withoutAResidentSetTheHeapIsJudgedAndSaysSo() {
    Verdict flat = verdictOf(720, i -> new Point(50 * MEBI, 0));
    assertThat(flat.outcome()).isEqualTo(Outcome.PASS);
    assertThat(flat.text()).contains("is not told everywhere");
    assertThat(verdictOf(720, i -> new Point((50 + i) * MEBI, 0)).outcome())
        .isEqualTo(Outcome.FAIL);
  }

  @Test
  void aShortLookTellsNothing() {
    assertThat(verdict(20, i -> 100).outcome()).isEqualTo(Outcome.UNKNOWN);
    assertThat(verdict(0, i -> 100).outcome()).isEqualTo(Outcome.UNKNOWN);
  }

  @Test
  void nodesThatWereSilentForLongTellNothing() {
    List<Point> points = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      points.add(new Point(MEBI, MEBI));
    }
    assertThat(MemoryWatch.verdict(points, EVERY.multipliedBy(720), EVERY).outcome())
        .isEqualTo(Outcome.UNKNOWN);
  }

  @Test
  void nodesThatTellNothingAreNotFlat() {
    assertThat(verdictOf(720, i -> new Point(0, 0)).outcome()).isEqualTo(Outcome.UNKNOWN);
    assertThat(verdictOf(720, i -> new Point(i == 700 ? 0 : MEBI, MEBI)).outcome())
        .isEqualTo(Outcome.UNKNOWN);
  }

  @Test
  void aPointIsOfAllNodes() {
    assertThat(MemoryWatch.point(new Sample(Map.of("live", 50.0, "beside_heap", 300.0))))
        .isEqualTo(new Point(50, 300));
    assertThat(MemoryWatch.point(new Sample(Map.of("live", 50.0)))).isEqualTo(new Point(50, 0));
  }
}
