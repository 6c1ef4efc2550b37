package io.tidegate.chaos;

import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** Faults one after the other, each with the traffic around it and its books. */
final class ChaosRun implements Fault.Steps {
  private static final Duration WARM_UP = Duration.ofSeconds(4);
  private static final Duration WARM_UP_LIMIT = Duration.ofSeconds(60);

  /** Before the fault, and after all is well again. */
  private static final Duration STEADY = Duration.ofSeconds(2);

  private static final Duration ANSWERS_LIMIT = Duration.ofSeconds(10);

  private final Harness harness;
  private final Consumer<String> say;
  private final List<Outcome> outcomes = Collections.synchronizedList(new ArrayList<>());
  private int rounds;

  ChaosRun(Harness harness, Consumer<String> say) {
    this.harness = harness;
    this.say = say;
  }

  /** Traffic until every customer is there and code is compiled; nothing of it is judged. */
  void warmUp() throws InterruptedException {
    harness.traffic().begin(newRound(Set.of()));
    rest(WARM_UP);
    long deadline = System.nanoTime() + WARM_UP_LIMIT.toNanos();
    while (!harness.watch().knowsAll()) {
      if (System.nanoTime() > deadline) {
        throw new ChaosFailure(
            "events of the warm-up are not projected; see " + harness.directory());
      }
      rest(Duration.ofMillis(100));
    }
    Harness.await(harness.traffic().end(), ANSWERS_LIMIT);
  }

  /** Every one of them once; those whose turn comes after the deadline are skipped. */
  void once(long deadline, List<Fault> faults) throws InterruptedException, SQLException {
    for (Fault fault : faults) {
      if (System.nanoTime() < deadline) {
        inject(fault);
      } else {
        skip(fault, "no time left");
      }
    }
  }

  /**
   * Every one of them, then any of them, until the time is up.
   *
   * @param seed makes the order the same each time
   */
  void until(long deadline, List<Fault> faults, long seed)
      throws InterruptedException, SQLException {
    Random random = new Random(seed);
    List<Fault> order = new ArrayList<>(faults);
    while (System.nanoTime() < deadline) {
      for (Fault fault : order) {
        if (System.nanoTime() < deadline) {
          inject(fault);
        }
      }
      Collections.shuffle(order, random);
    }
  }

  /** What came of the faults so far. */
  List<Outcome> outcomes() {
    synchronized (outcomes) {
      return List.copyOf(outcomes);
    }
  }

  private void inject(Fault fault) throws InterruptedException, SQLException {
    String whyNot = fault.whyNot(harness.cluster().network());
    if (!whyNot.isEmpty()) {
      skip(fault, whyNot);
      return;
    }
    say(fault.name() + ":");
    Round round = newRound(fault.marksStale() ? fault.victims() : Set.of());
    harness.traffic().begin(round);
    rest(STEADY);
    fault.action().on(harness.cluster(), this);
    rest(STEADY);
    round.answers().end(System.nanoTime());
    Harness.await(harness.traffic().end(), ANSWERS_LIMIT);
    double seconds = round.seconds();
    double caughtUp = harness.books().awaitCaughtUp(round);
    if (!harness.watch().isRunning()) {
      throw new ChaosFailure("customers' versions are no longer watched");
    }
    Outcome outcome = harness.books().check(fault, round, seconds);
    outcomes.add(outcome);
    say(
        "%s after %.1f s; all projected %.1f s later"
            .formatted(
                outcome.isRight() ? "right" : "WRONG " + outcome.wrong(), seconds, caughtUp));
  }

  private void skip(Fault fault, String why) {
    outcomes.add(Outcome.skipped(fault.name(), why));
    say(fault.name() + ": skipped: " + why);
  }

  private Round newRound(Set<Integer> mayMarkStale) {
    return new Round("chaos-" + ProcessHandle.current().pid() + "-" + rounds++ + "-", mayMarkStale);
  }

  @Override
  public void say(String what) {
    say.accept(what);
  }

  @Override
  public void rest(Duration time) throws InterruptedException {
    TimeUnit.NANOSECONDS.sleep(time.toNanos());
  }
}
