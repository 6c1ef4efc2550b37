package io.tidegate.simulate;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import org.junit.jupiter.api.Test;

class ReportTest {
  private static final Call VIEW = Call.event("view", "/v1/track", "{}");
  private static final Call PROFILE = Call.read(Call.PROFILE, "/v1/customers/1/profile");

  private final StringWriter text = new StringWriter();
  private final PrintWriter out = new PrintWriter(text, true);

  @Test
  void theTableTellsErrorsFromLimitsAndFromRightAnswers() {
    var tally = new Tally();
    tally.record(VIEW, new Answer(200, "", null), Duration.ofMillis(2));
    tally.record(VIEW, new Answer(429, "slow down", null), Duration.ofMillis(4));
    tally.record(VIEW, new Answer(503, "the log is full", null), Duration.ofMillis(8));
    tally.record(VIEW, new Answer(0, "connection refused", null), Duration.ofHours(9));
    tally.record(PROFILE, new Answer(404, "nobody", null), Duration.ofMillis(1));

    assertThat(tally.count()).isEqualTo(5);
    assertThat(tally.failed()).isEqualTo(2);
    assertThat(tally.limited()).isEqualTo(1);
    tally.print(out);
    assertThat(text.toString())
        .containsPattern("view +4 +2 +1 +4\\.00")
        .containsPattern("profile +1 +0 +0 +1\\.00 +1\\.00")
        .containsPattern("all +5 +2 +1 ")
        .contains("error: view: 503 x 1")
        .contains("error: view: connection refused x 1")
        .contains("first of its kind: 503: the log is full");
  }

  @Test
  void aMissingCustomerIsRightOnlyForAProfile() {
    assertThat(PROFILE.accepts(404)).isTrue();
    assertThat(VIEW.accepts(404)).isFalse();
    assertThat(Call.read("routed", "/demo/hello").accepts(404)).isFalse();
    assertThat(PROFILE.accepts(401)).isFalse();
  }

  @Test
  void aBarRedrawsItsLineAndAPipeGetsPlainLines() {
    try (var bar = new Progress(new Terminal(out, out, true), "replay", "rows", 10)) {
      bar.update(10, ", 1 batches retried");
    }
    assertThat(text.toString()).contains("\r").contains("replay").contains("10/10");

    text.getBuffer().setLength(0);
    try (var plain = new Progress(new Terminal(out, out, false), "replay", "rows", 10)) {
      plain.update(4, "");
    }
    assertThat(text.toString()).doesNotContain("\r");
  }

  @Test
  void retryAfterIsSecondsOrADate() {
    var now = Instant.parse("2026-06-18T12:00:00Z");
    assertThat(Api.retryAfter("7", now)).isEqualTo(Duration.ofSeconds(7));
    String later =
        DateTimeFormatter.RFC_1123_DATE_TIME.format(now.plusSeconds(9).atOffset(ZoneOffset.UTC));
    assertThat(Api.retryAfter(later, now)).isEqualTo(Duration.ofSeconds(9));
    String earlier =
        DateTimeFormatter.RFC_1123_DATE_TIME.format(now.minusSeconds(9).atOffset(ZoneOffset.UTC));
    assertThat(Api.retryAfter(earlier, now)).isEqualTo(Duration.ZERO);
    assertThat(Api.retryAfter("soon", now)).isNull();
    assertThat(Api.retryAfter(null, now)).isNull();
  }
}
