package io.tidegate.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidegate.chaos.Fault.Errors;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class BooksTest {
  private static final long SECOND = TimeUnit.SECONDS.toNanos(1);
  private static final long MS = TimeUnit.MILLISECONDS.toNanos(1);

  @Test
  void acknowledgedEventsAreThereOnce() {
    EventBook book = new EventBook();
    List.of("a", "b", "c", "d").forEach(book::acknowledge);
    EventBook.Balance balance = book.against(Map.of("a", 1, "b", 2, "d", 1, "unanswered", 1));
    assertThat(balance.acknowledged()).isEqualTo(4);
    assertThat(balance.lost()).isEqualTo(1);
    assertThat(balance.duplicated()).isEqualTo(1);
    assertThat(balance.examples()).containsExactly("c", "b");
  }

  @Test
  void anEventThatWasNotAcknowledgedMayBeThereOnceOnly() {
    EventBook book = new EventBook();
    assertThat(book.against(Map.of("x", 1)).duplicated()).isZero();
    assertThat(book.against(Map.of("x", 2)).duplicated()).isEqualTo(1);
  }

  @Test
  void exactlyTheLimitIsWithinTheBound() {
    AdmissionBook book = new AdmissionBook();
    // A full burst at once, then one every 100 ms, each answered at once.
    for (int i = 0; i < 3; i++) {
      book.admit(0, 0);
    }
    for (long i = 1; i <= 50; i++) {
      book.admit(i * 100 * MS, i * 100 * MS);
    }
    assertThat(book.worstExcess(10, 3)).isZero();
    assertThat(book.worstExcess(10, 2)).isEqualTo(1);
  }

  @Test
  void aBurstInTheMiddleIsFoundWhereverTheWindowsLie() {
    AdmissionBook book = new AdmissionBook();
    for (long i = 0; i < 30; i++) {
      book.admit(i * SECOND, i * SECOND + MS);
    }
    for (int i = 0; i < 8; i++) {
      book.admit(10 * SECOND + 500 * MS, 10 * SECOND + 501 * MS);
    }
    // With the neighbour, half a second holds 9: at 1 a second, 1 and the burst of 3 are due.
    assertThat(book.worstExcess(1, 3)).isEqualTo(5);
  }

  @Test
  void aSlowAnswerIsNoProofOfWhenItWasAdmitted() {
    AdmissionBook book = new AdmissionBook();
    for (long i = 0; i < 10; i++) {
      book.admit(0, i * SECOND);
    }
    assertThat(book.worstExcess(1, 1)).isZero();
  }

  @Test
  void aReadIsTooOldOnceTheNewerVersionHasBeenThereForThePromisedTime() {
    ProfileBook book = new ProfileBook(5 * SECOND);
    book.observed("ada", 1, 0);
    book.observed("ada", 2, 10 * SECOND);
    book.observed("ada", 2, 11 * SECOND);
    assertThat(book.isTooOld("ada", 1, 14 * SECOND)).isFalse();
    assertThat(book.isTooOld("ada", 1, 15 * SECOND)).isTrue();
    assertThat(book.isTooOld("ada", 2, 15 * SECOND)).isFalse();
    assertThat(book.isTooOld("ada", 3, 60 * SECOND)).isFalse();
    assertThat(book.isTooOld("nobody", 0, 60 * SECOND)).isFalse();
  }

  @Test
  void theLongestGapCountsTheBeginningAndTheEndToo() {
    Answers answers = new Answers(0);
    answers.succeeded(1, 0, 3 * SECOND);
    answers.succeeded(2, 3 * SECOND, 4 * SECOND);
    assertThat(answers.longestGapNanos()).isEqualTo(3 * SECOND);
    answers.end(9 * SECOND);
    assertThat(answers.longestGapNanos()).isEqualTo(5 * SECOND);
    answers.succeeded(1, 8 * SECOND, 8 * SECOND);
    assertThat(answers.longestGapNanos()).as("late news close no gap").isEqualTo(5 * SECOND);
  }

  @Test
  void latenciesAreOfTheOthersAndFromWhenRequestsWereDue() {
    Answers answers = new Answers(0);
    for (int i = 0; i < 100; i++) {
      answers.succeeded(1, 0, 2 * SECOND);
      answers.succeeded(2, 0, 20 * MS);
    }
    assertThat(answers.p99MillisExceptAt(Set.of(1))).isBetween(20.0, 20.1);
    assertThat(answers.p99MillisExceptAt(Set.of())).isBetween(2_000.0, 2_010.0);
    assertThat(answers.p99MillisExceptAt(Set.of(1, 2))).isNull();
    assertThat(answers.succeeded()).isEqualTo(200);
  }

  @Test
  void failuresAreExplainedByWhereTheyAre() {
    Answers answers = new Answers(0);
    answers.failed(2, "event: connection lost");
    answers.failed(2, "event: connection lost");
    assertThat(fault(Errors.NOWHERE).explains(answers)).isFalse();
    assertThat(fault(Errors.AT_VICTIMS).explains(answers)).isTrue();
    answers.failed(Answers.NO_NODE, "no node is ready");
    assertThat(fault(Errors.AT_VICTIMS).explains(answers)).isFalse();
    assertThat(fault(Errors.ANYWHERE).explains(answers)).isTrue();
    assertThat(answers.errorLines())
        .containsExactly("no node is ready x 1", "node 2: event: connection lost x 2");
  }

  private static Fault fault(Errors errors) {
    return new Fault("f", "f", Set.of(2), errors, false, (cluster, steps) -> {});
  }
}
