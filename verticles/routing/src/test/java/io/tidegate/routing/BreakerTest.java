package io.tidegate.routing;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidegate.routing.Breaker.State;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class BreakerTest {
  private final AtomicLong clock = new AtomicLong();
  private final List<State> told = new ArrayList<>();
  private final Breaker breaker =
      new Breaker(10, 0.5, Duration.ofSeconds(30).toNanos(), clock::get, told::add);

  private void call(boolean success) {
    long permit = breaker.tryAcquire();
    assertThat(permit).isNotEqualTo(Breaker.REFUSED);
    if (success) {
      breaker.succeeded(permit);
    } else {
      breaker.failed(permit);
    }
  }

  private void open() {
    for (int i = 0; i < 10; i++) {
      call(false);
    }
    assertThat(breaker.state()).isEqualTo(State.OPEN);
  }

  @Test
  void aTrialThatAnswersClosesItBeforeItsAnswerIsWhole() {
    open();
    clock.addAndGet(Duration.ofSeconds(30).toNanos());
    long permit = breaker.answered(breaker.tryAcquire());
    assertThat(breaker.state()).isEqualTo(State.CLOSED);
    for (int i = 0; i < 9; i++) {
      call(i < 5);
    }
    breaker.failed(permit);
    assertThat(breaker.state()).as("its end counts like any call's").isEqualTo(State.OPEN);
  }

  @Test
  void aCallThatAnswersIsJudgedAtItsEnd() {
    for (int i = 0; i < 10; i++) {
      breaker.failed(breaker.answered(breaker.tryAcquire()));
    }
    assertThat(breaker.state()).isEqualTo(State.OPEN);
  }

  @Test
  void halfOfMixedTrafficFailingOpensIt() {
    for (int i = 0; i < 10; i++) {
      call(i % 2 == 0);
    }
    assertThat(breaker.state()).isEqualTo(State.OPEN);
    assertThat(breaker.tryAcquire()).isEqualTo(Breaker.REFUSED);
  }

  @Test
  void theLastCallMayBeASuccess() {
    for (int i = 0; i < 5; i++) {
      call(false);
    }
    for (int i = 0; i < 4; i++) {
      call(true);
    }
    assertThat(breaker.state()).isEqualTo(State.CLOSED);
    call(true);
    assertThat(breaker.state()).isEqualTo(State.OPEN);
  }

  @Test
  void fewerThanHalfNeverOpenIt() {
    for (int i = 0; i < 1_000; i++) {
      call(i % 5 >= 2);
      assertThat(breaker.state()).isEqualTo(State.CLOSED);
    }
  }

  @Test
  void fewerCallsThanTheWindowNeverOpenIt() {
    for (int i = 0; i < 9; i++) {
      call(false);
    }
    assertThat(breaker.state()).isEqualTo(State.CLOSED);
  }

  @Test
  void onlyTheLastTenCount() {
    for (int i = 0; i < 100; i++) {
      call(true);
    }
    for (int i = 0; i < 4; i++) {
      call(false);
    }
    assertThat(breaker.state()).isEqualTo(State.CLOSED);
    call(false);
    assertThat(breaker.state()).isEqualTo(State.OPEN);
  }

  @Test
  void oneTrialAfterThirtySeconds() {
    open();
    clock.addAndGet(Duration.ofMillis(29_999).toNanos());
    assertThat(breaker.allows()).isFalse();
    clock.addAndGet(Duration.ofMillis(1).toNanos());
    assertThat(breaker.allows()).isTrue();
    long trial = breaker.tryAcquire();
    assertThat(trial).isNotEqualTo(Breaker.REFUSED);
    assertThat(breaker.tryAcquire()).isEqualTo(Breaker.REFUSED);
    breaker.succeeded(trial);
    assertThat(told).containsExactly(State.OPEN, State.HALF_OPEN, State.CLOSED);
    for (int i = 0; i < 9; i++) {
      call(false);
    }
    assertThat(breaker.state()).as("the window begins anew").isEqualTo(State.CLOSED);
  }

  @Test
  void aFailedTrialOpensItAgainForThirtySeconds() {
    open();
    clock.addAndGet(Duration.ofSeconds(30).toNanos());
    breaker.failed(breaker.tryAcquire());
    clock.addAndGet(Duration.ofSeconds(29).toNanos());
    assertThat(breaker.tryAcquire()).isEqualTo(Breaker.REFUSED);
    clock.addAndGet(Duration.ofSeconds(1).toNanos());
    assertThat(breaker.tryAcquire()).isNotEqualTo(Breaker.REFUSED);
  }

  @Test
  void anAbandonedTrialMakesRoomForAnother() {
    open();
    clock.addAndGet(Duration.ofSeconds(30).toNanos());
    breaker.abandoned(breaker.tryAcquire());
    assertThat(breaker.tryAcquire()).isNotEqualTo(Breaker.REFUSED);
  }

  @Test
  void aTrialThatNeverEndsMakesRoomInTheEnd() {
    open();
    clock.addAndGet(Duration.ofSeconds(30).toNanos());
    long lost = breaker.tryAcquire();
    clock.addAndGet(Duration.ofSeconds(30).toNanos());
    long second = breaker.tryAcquire();
    assertThat(second).isNotEqualTo(Breaker.REFUSED);
    breaker.failed(lost);
    assertThat(breaker.state()).isEqualTo(State.HALF_OPEN);
    breaker.succeeded(second);
    assertThat(breaker.state()).isEqualTo(State.CLOSED);
  }

  @Test
  void resultsOfCallsFromBeforeSayNothing() {
    long early = breaker.tryAcquire();
    open();
    clock.addAndGet(Duration.ofSeconds(30).toNanos());
    long trial = breaker.tryAcquire();
    breaker.succeeded(early);
    assertThat(breaker.state()).isEqualTo(State.HALF_OPEN);
    breaker.succeeded(trial);
    breaker.failed(early);
    assertThat(breaker.state()).isEqualTo(State.CLOSED);
  }

  @Test
  void agreesWithCountingTheLastTen() {
    Random random = new Random(5);
    for (int round = 0; round < 500; round++) {
      Breaker fresh = new Breaker(10, 0.5, 1, clock::get, told::add);
      List<Boolean> failures = new ArrayList<>();
      for (int i = 0; i < 200 && fresh.state() == State.CLOSED; i++) {
        boolean failure = random.nextInt(100) < 30;
        failures.add(failure);
        long permit = fresh.tryAcquire();
        if (failure) {
          fresh.failed(permit);
        } else {
          fresh.succeeded(permit);
        }
        List<Boolean> last = failures.subList(Math.max(0, failures.size() - 10), failures.size());
        boolean expected = last.size() == 10 && last.stream().filter(f -> f).count() >= 5;
        assertThat(fresh.state() == State.OPEN).isEqualTo(expected);
      }
    }
  }
}
