package io.tidegate.load;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidegate.load.Verdict.Outcome;
import java.util.List;
import org.junit.jupiter.api.Test;

class GatlingLogTest {
  private static final String FAILED =
      """
      Parsing log file(s) done in 2s.
      ========================================================================================================================
      ---- Global Information -------------------------------------------------------------|---Total---|-----OK----|----KO----
      > request count                                                                      |    43,650 |    17,542 |    26,108
      > min response time (ms)                                                             |         2 |         7 |         2
      ---- Response Time Distribution ----------------------------------------------------------------------------------------
      > OK: t < 100 ms                                                                                            159  (0.36%)
      > KO                                                                                                     26,108 (59.81%)
      ---- Errors ------------------------------------------------------------------------------------------------------------
      > status.find.transformOption.in(200), found 429                                                         20,519 (78.59%)
      > j.i.IOException: Premature close                                                                           18  (0.07%)
      ========================================================================================================================

      Reports generated, please open the following file: file:///tmp/x/index.html
      Global: count of failed events is 0.0 : false (actual : 26108.0)
      routed: 99th percentile of response time is less than or equal to 50.0 : true (actual : 12.0)
      """;

  @Test
  void countsErrorsAndAssertionsAreRead() {
    GatlingLog log = GatlingLog.parse(FAILED.lines().toList());
    assertThat(log.requests()).isEqualTo(43_650);
    assertThat(log.failed()).isEqualTo(26_108);
    assertThat(log.errors())
        .containsExactly(
            "20,519  status.find.transformOption.in(200), found 429",
            "18  j.i.IOException: Premature close");
    assertThat(log.assertions())
        .extracting(Verdict::outcome)
        .containsExactly(Outcome.FAIL, Outcome.PASS);
    assertThat(log.assertions().getFirst().text())
        .isEqualTo("Global: count of failed events is 0.0 (found: 26108.0)");
  }

  @Test
  void aDashMeansNone() {
    String line = "> request count      |    50 |    50 |     -";
    assertThat(GatlingLog.parse(List.of(line)).failed()).isZero();
    assertThat(GatlingLog.parse(List.of(line)).requests()).isEqualTo(50);
  }

  @Test
  void withoutARunThereIsNothing() {
    assertThat(GatlingLog.parse(List.of()).requests()).isZero();
  }
}
