package io.tidegate.load;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidegate.load.Summary.Run;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class SummaryTest {
  private final Answers answers = new Answers();

  private Run run(Verdict... verdicts) {
    GatlingLog log = new GatlingLog(1_234, 34, List.of("34  timed out"), List.of());
    return new Run(
        "peak-day",
        log,
        answers,
        Duration.ofMillis(2_000),
        87.4,
        List.of(verdicts),
        Path.of("/somewhere/report"));
  }

  @Test
  void everythingIsTold() {
    StringWriter text = new StringWriter();
    new Summary(new PrintWriter(text))
        .print(
            run(
                Verdict.of(false, "no request fails: %,d did", 34),
                Verdict.unknown("no event"),
                Verdict.skipped("memory is flat")));
    assertThat(text.toString())
        .contains(
            "peak-day: 1,234 requests in 2.0 s (617/s), 34 failed",
            "(no answer)                 1,234",
            "34  timed out",
            "FAIL     no request fails: 34 did",
            "UNKNOWN  no event",
            "87 us of CPU per request",
            "SKIPPED  memory is flat",
            "/somewhere/report/index.html",
            "peak-day FAILED: of 3 assertions 1 do not hold, 1 could not be looked at");
  }

  @Test
  void whatDoesNotHoldFailsARun() {
    Run run = run(Verdict.of(true, "a"), Verdict.of(false, "b"), Verdict.unknown("c"));
    assertThat(run.exitCode()).isEqualTo(1);
  }

  @Test
  void whatCouldNotBeLookedAtHasNotPassed() {
    Run run = run(Verdict.of(true, "a"), Verdict.unknown("b"));
    assertThat(run.exitCode()).isEqualTo(3);
    assertThat(run.result()).isEqualTo("NOT PASSED: of 2 assertions 1 could not be looked at");
  }

  @Test
  void whatTheUserRuledOutIsNotMissed() {
    Run run = run(Verdict.of(true, "a"), Verdict.skipped("b"));
    assertThat(run.exitCode()).isZero();
    assertThat(run.result()).isEqualTo("passed");
  }
}
