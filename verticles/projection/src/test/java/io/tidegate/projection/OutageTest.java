package io.tidegate.projection;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class OutageTest {
  private long now = Long.MAX_VALUE - 5; // it wraps
  private final Outage outage = new Outage(() -> now);

  private void pass(int seconds) {
    now += TimeUnit.SECONDS.toNanos(seconds);
  }

  @Test
  void countsFromTheFirstQuestionInVain() {
    assertThat(outage.tooLong()).isFalse();
    outage.silent(now);
    pass(5);
    outage.silent(now);
    assertThat(outage.tooLong()).isFalse();
    pass(1);
    assertThat(outage.tooLong()).isTrue();
  }

  @Test
  void anAnswerEndsIt() {
    outage.silent(now);
    pass(10);
    outage.answered();
    assertThat(outage.tooLong()).isFalse();
    outage.silent(now);
    assertThat(outage.tooLong()).isFalse();
  }
}
