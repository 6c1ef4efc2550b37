package io.tidegate.bus;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class DoubtTest {
  private static final long MS = TimeUnit.MILLISECONDS.toNanos(1);

  private final AtomicLong clock = new AtomicLong(1_000_000 * MS);
  private final Doubt doubt = new Doubt(clock::get);

  private long now() {
    return clock.get();
  }

  private void pass(long millis) {
    clock.addAndGet(millis * MS);
  }

  @Test
  void aLostEventPutsWhatWasReadBeforeInDoubtAndNothingElse() {
    pass(5_000);
    long before = now();
    pass(100);
    doubt.eventLost();
    pass(300);
    assertThat(doubt.since(before)).isEqualTo(300 * MS);
    assertThat(doubt.since(now())).isZero();
  }

  @Test
  void whatIsReadSoonAfterANodeIsLostIsInDoubtToo() {
    pass(5_000);
    doubt.nodeLost();
    pass(900);
    assertThat(doubt.since(now())).isPositive();
    pass(200);
    assertThat(doubt.since(now())).isZero();
  }

  @Test
  void allIsInDoubtWhileANodeIsNotHeard() {
    doubt.look(0);
    pass(900);
    assertThat(doubt.since(now())).isZero();
    pass(600);
    assertThat(doubt.since(now())).isEqualTo(500 * MS);
  }

  @Test
  void whatWasInDoubtStaysSoWhenTheNodeIsHeardAgain() {
    pass(5_000);
    doubt.look(0);
    long before = now();
    pass(8_000);
    doubt.look(8_000 * MS);
    assertThat(doubt.since(before)).isEqualTo(7_000 * MS);
    doubt.look(10 * MS);
    pass(50);
    assertThat(doubt.since(before)).as("lost events are not known yet").isEqualTo(7_050 * MS);
    assertThat(doubt.since(now())).isZero();
    pass(50);
    doubt.eventLost();
    pass(10);
    assertThat(doubt.since(before)).as("it is no younger for that").isEqualTo(7_110 * MS);
  }

  @Test
  void whatWasInDoubtStaysSoWhenTheSilentNodeTurnsOutToBeGone() {
    pass(5_000);
    doubt.look(0);
    long before = now();
    pass(3_000);
    doubt.look(-1);
    assertThat(doubt.since(before)).isEqualTo(2_000 * MS);
  }

  @Test
  void oneLossAfterTheOtherDoesNotMakeDoubtYoungerThanProfilesMayBeAnsweredInDoubt() {
    pass(5_000);
    long before = now();
    for (int i = 0; i < 30; i++) {
      pass(100);
      doubt.eventLost();
      assertThat(doubt.since(before))
          .isGreaterThanOrEqualTo(Math.clamp(100L * i * MS, 1, 1_000 * MS));
    }
  }

  @Test
  void silenceThatIsShorterIsNoReason() {
    pass(5_000);
    doubt.look(0);
    long before = now();
    pass(900);
    doubt.look(0);
    pass(50);
    assertThat(doubt.since(before)).isZero();
  }
}
