package io.tidegate.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidegate.chaos.Answers.Failed;
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
  void steadyTrafficIsDueTheLimit() {
    AdmissionBook book = new AdmissionBook();
    for (long i = 1; i <= 300; i++) {
      long at = i * SECOND / 30;
      if (i % 3 == 0) {
        book.refuse(at, at + MS);
      } else {
        book.admit(at, at + MS);
      }
    }
    AdmissionBook.Stretch all = book.between(0, 10 * SECOND, 20, 5);
    assertThat(all.due()).isBetween(198.0, 200.0);
    assertThat(all.ratio()).isBetween(0.99, 1.01);
    AdmissionBook.Stretch higher = book.between(0, 10 * SECOND, 25, 5);
    assertThat(higher.ratio()).as("200 of the 250 a limit of 25 has").isBetween(0.79, 0.82);
  }

  @Test
  void lessIsDueWhereTrafficStoodStill() {
    AdmissionBook book = new AdmissionBook();
    // Nothing for 5 s, then all that had piled up: a bucket has no more than its burst.
    for (int i = 0; i < 100; i++) {
      book.refuse(5 * SECOND + i, 5 * SECOND + i);
    }
    assertThat(book.between(0, 10 * SECOND, 20, 5).due()).isEqualTo(5);
    assertThat(book.between(6 * SECOND, 10 * SECOND, 20, 5).ratio()).as("nothing is due").isOne();
  }

  @Test
  void aReadIsAsOldAsTheNewerVersionThatItDoesNotShow() {
    ProfileBook book = new ProfileBook();
    book.observed("ada", 1, 0);
    book.observed("ada", 2, 10 * SECOND);
    book.observed("ada", 2, 11 * SECOND);
    book.observed("ada", 4, 13 * SECOND);
    assertThat(book.age("ada", 1, 9 * SECOND)).isZero();
    assertThat(book.age("ada", 1, 14 * SECOND)).isEqualTo(4 * SECOND);
    assertThat(book.age("ada", 2, 14 * SECOND)).isEqualTo(SECOND);
    assertThat(book.age("ada", 4, 60 * SECOND)).isZero();
    assertThat(book.age("nobody", 0, 60 * SECOND)).isZero();
  }

  @Test
  void oldReadsCountUnlessTheyMayBeAndSaySo() {
    Round round = new Round("r-", Set.of(3));
    round.read(1, 0, 1_999 * MS, false);
    round.read(3, 0, 9 * SECOND, true);
    assertThat(round.staleReads()).isZero();
    round.read(3, 0, 2 * SECOND, false);
    round.read(1, 0, 3 * SECOND, true);
    assertThat(round.staleReads()).isEqualTo(2);
    assertThat(round.oldestReadMillis()).isEqualTo(3_000);
    assertThat(round.staleLines().getLast()).startsWith("node 1: profile: 3000 ms old and marked");
  }

  @Test
  void aTimeIsWrongWhenItIsOverItsBarAndNotTheMachinesDoing() {
    Bars bars = new Bars(150.0, 1_000);
    assertThat(bars.isTooSlow(300)).isFalse();
    assertThat(bars.isTooSlow(450)).isFalse();
    assertThat(bars.isTooSlow(451)).isTrue();
    assertThat(bars.isTooOld(2_999)).isFalse();
    assertThat(bars.isTooOld(3_000)).isTrue();
    Bars quick = new Bars(10.0, 0);
    assertThat(quick.isTooSlow(301)).isTrue();
    assertThat(quick.isTooOld(2_000)).isTrue();
    assertThat(quick.isTooOld(1_999)).isFalse();
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
    assertThat(answers.p99MillisDuring(Set.of(1))).isBetween(20.0, 20.1);
    assertThat(answers.p99MillisDuring(Set.of())).isBetween(2_000.0, 2_010.0);
    assertThat(answers.p99MillisDuring(Set.of(1, 2))).isNull();
    assertThat(answers.p99MillisAfter(Set.of())).isNull();
    assertThat(answers.succeeded()).isEqualTo(200);
  }

  @Test
  void latenciesDuringTheFaultAreApart() {
    Answers answers = new Answers(0);
    answers.succeeded(1, 0, 9 * SECOND);
    answers.befell(10 * SECOND);
    answers.succeeded(1, 10 * SECOND - 5 * MS, 10 * SECOND + 5 * MS);
    answers.over(15 * SECOND);
    answers.succeeded(1, 15 * SECOND - MS, 15 * SECOND + 29 * MS);
    answers.succeeded(1, 15 * SECOND, 15 * SECOND + 700 * MS);
    assertThat(answers.p99MillisDuring(Set.of())).isBetween(30.0, 30.1);
    assertThat(answers.p99MillisAfter(Set.of())).isBetween(700.0, 701.0);
  }

  @Test
  void failuresAreExplainedByWhereAndWhenTheyWereSent() {
    Answers answers = new Answers(0);
    answers.befell(10 * SECOND);
    Excuse inFlight =
        Excuse.sentWithin(Excuse.KNOWN_DEAD).and(Excuse.at(Set.of(2))).or(Excuse.needs("profile"));
    answers.failed(new Failed(2, Operation.EVENT, "connection lost", 10 * SECOND - 3 * MS));
    answers.failed(new Failed(2, Operation.EVENT, "connection lost", 10 * SECOND + 40 * MS));
    answers.failed(new Failed(1, Operation.PROFILE, "503", 14 * SECOND));
    assertThat(answers.errorsBut(inFlight)).isZero();
    assertThat(answers.errorsBut(Excuse.NONE)).isEqualTo(3);
    answers.failed(new Failed(2, Operation.EVENT, "connection lost", 11 * SECOND));
    assertThat(answers.errorsBut(inFlight)).as("known by then").isEqualTo(1);
    answers.failed(new Failed(1, Operation.EVENT, "503", 10 * SECOND));
    assertThat(answers.errorsBut(inFlight)).as("elsewhere").isEqualTo(2);
    assertThat(answers.errorsBut(Excuse.ANY)).isZero();
    assertThat(answers.errorLines())
        .contains("node 2: event: connection lost x 3, sent -3 to +1000 ms from the fault");
  }

  @Test
  void whatAKilledNodeExplainsDependsOnWhoElseHostsItsRoles() {
    long late = 2 * SECOND;
    Failed read = new Failed(1, Operation.PROFILE, "503", 0);
    Failed event = new Failed(1, Operation.EVENT, "503", 0);
    Fault profile = fault(Layout.SINGLE_ROLES, 6, "kill-profile");
    assertThat(profile.excuse().covers(read, late)).isTrue();
    assertThat(profile.excuse().covers(event, late)).isFalse();
    assertThat(profile.judgesOthers()).as("who asks for profiles waits").isFalse();
    Fault worker = fault(Layout.APART, 4, "kill-worker-4");
    assertThat(worker.excuse().covers(event, 0)).as("in flight from an edge").isTrue();
    assertThat(worker.excuse().covers(event, late)).isFalse();
    Fault edge = fault(Layout.APART, 4, "kill-edge-1");
    assertThat(edge.excuse().covers(event, 0)).isTrue();
    assertThat(edge.excuse().covers(new Failed(2, Operation.EVENT, "503", 0), 0)).isFalse();
    assertThat(edge.judgesOthers() && worker.judgesOthers()).isTrue();
    assertThat(fault(Layout.ALL, 3, "roll").excuse().covers(event, 0)).isFalse();
  }

  private static Fault fault(Layout layout, int size, String name) {
    return Part.whole(layout, size).only(List.of(name)).faults().getFirst();
  }
}
