package io.tidegate.chaos;

import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Faults one after the other, each with the traffic around it and its books. */
final class ChaosRun implements Fault.Steps {
  /** So much of the warm-up has to pass without a failure. */
  private static final Duration WARM_UP = Duration.ofSeconds(4);

  private static final Duration WARM_UP_LIMIT = Duration.ofSeconds(60);

  /** How long the quiet stretch is, after a moment in which the limit's burst is used up. */
  private static final Duration QUIET = Duration.ofSeconds(8);

  private static final Duration BURST_SPENT = Duration.ofMillis(1_500);

  /** A machine may stand still in one stretch; what is wrong without any fault is so in all. */
  private static final int QUIET_TRIES = 3;

  private static final String NOT_STEADY = ", not judged: p99 says that the machine stood still";

  /** After all is well again, and without a failure before the next fault. */
  private static final Duration STEADY = Duration.ofSeconds(1);

  private static final Duration SETTLE_LIMIT = Duration.ofSeconds(35);

  /** Before the fault: what is in flight when it befalls belongs to its books. */
  private static final Duration BEFORE = Duration.ofMillis(500);

  private static final Duration ANSWERS_LIMIT = Duration.ofSeconds(10);

  private final Harness harness;
  private final Consumer<String> say;
  private final List<Outcome> outcomes;
  private Bars bars = Bars.UNKNOWN;
  private @Nullable Round current;
  private int rounds;

  /**
   * A run that has not begun.
   *
   * @param outcomes takes what comes of each fault
   */
  ChaosRun(Harness harness, Consumer<String> say, List<Outcome> outcomes) {
    this.harness = harness;
    this.say = say;
    this.outcomes = outcomes;
  }

  /**
   * Traffic until every customer is there, code is compiled, and nothing fails any more; nothing of
   * it is judged.
   */
  void warmUp() throws InterruptedException {
    say("warm-up:");
    Ground ground = harness.ground();
    ground.watch().begin();
    long begin = System.nanoTime();
    Round slice;
    do {
      if (System.nanoTime() - begin > WARM_UP_LIMIT.toNanos()) {
        throw new ChaosFailure("the nodes do not warm up; see " + ground.directory());
      }
      slice = newRound(Set.of());
      harness.traffic().begin(slice);
      rest(WARM_UP);
    } while (slice.answers().errors() > 0 || !ground.watch().knowsAll());
    Harness.await(harness.traffic().end(), ANSWERS_LIMIT);
  }

  /**
   * A stretch without any fault: its own bars, and what the bars of the others are held against.
   */
  void quiet() throws InterruptedException, SQLException {
    for (int attempt = 1; ; attempt++) {
      Fault quiet = Fault.quiet(QUIET);
      say(quiet.name() + ":");
      Round round = newRound(Set.of());
      harness.traffic().begin(round);
      rest(BURST_SPENT);
      long from = System.nanoTime();
      quiet.action().on(harness.cluster(), this);
      AdmissionBook.Stretch admitted =
          harness.ground().books().admitted(round, from, System.nanoTime());
      Outcome outcome = checked(quiet, round);
      String ratio =
          "%d of %.0f limited requests that were due were admitted, %.1f %% (bar: %.0f %%)"
              .formatted(
                  admitted.admitted(),
                  admitted.due(),
                  100 * admitted.ratio(),
                  100 * Bars.LEAST_ADMITTED);
      say(ratio);
      boolean enough = admitted.ratio() >= Bars.LEAST_ADMITTED;
      boolean exact = outcome.lost() + outcome.duplicated() + outcome.overAdmitted() == 0;
      if ((enough && outcome.isRight()) || !exact || attempt == QUIET_TRIES) {
        bars = new Bars(outcome.p99Millis(), outcome.oldestMillis());
        boolean steady = outcome.p99Millis() == null || outcome.p99Millis() <= Bars.P99_MILLIS;
        outcomes.add(
            enough
                ? outcome.noting(ratio)
                : steady ? outcome.wrongBy(ratio) : outcome.noting(ratio + NOT_STEADY));
        return;
      }
    }
  }

  /** Every one of them once; those whose turn comes after the deadline are skipped. */
  void once(long deadline, List<Fault> faults) throws InterruptedException, SQLException {
    for (Fault fault : faults) {
      if (System.nanoTime() < deadline) {
        inject(fault);
      } else {
        skip(fault, ChaosCommand.NO_TIME);
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

  private void inject(Fault fault) throws InterruptedException, SQLException {
    String whyNot = fault.whyNot(harness.cluster().network());
    if (!whyNot.isEmpty()) {
      skip(fault, whyNot);
      return;
    }
    say(fault.name() + ":");
    settle();
    Round round = newRound(fault.markStale());
    harness.traffic().begin(round);
    rest(BEFORE);
    fault.action().on(harness.cluster(), this);
    rest(STEADY);
    outcomes.add(checked(fault, round));
  }

  /**
   * Traffic until nothing fails any more of what the fault before has left, such as a breaker that
   * a node opened when it went on after a pause; not for ever.
   */
  private void settle() throws InterruptedException {
    long begin = System.nanoTime();
    Round slice;
    do {
      slice = newRound(Set.of());
      harness.traffic().begin(slice);
      rest(STEADY);
    } while (slice.answers().errors() > 0 && System.nanoTime() - begin < SETTLE_LIMIT.toNanos());
    double seconds = (System.nanoTime() - begin) / 1e9;
    if (seconds > 2 * STEADY.toSeconds()) {
      say(String.format(Locale.ROOT, "settled after %.1f s", seconds));
    }
  }

  /** Ends the traffic of a round and checks its books. */
  private Outcome checked(Fault fault, Round round) throws InterruptedException, SQLException {
    round.answers().end(System.nanoTime());
    Harness.await(harness.traffic().end(), ANSWERS_LIMIT);
    double seconds = round.seconds();
    Ground ground = harness.ground();
    double caughtUp = ground.books().awaitCaughtUp(round);
    if (!ground.watch().isRunning()) {
      throw new ChaosFailure("customers' versions are no longer watched");
    }
    Outcome outcome = ground.books().check(fault, round, seconds, bars);
    say(
        "%s after %.1f s; all projected %.1f s later"
            .formatted(
                outcome.isRight() ? "right" : "WRONG " + outcome.wrong(), seconds, caughtUp));
    return outcome;
  }

  private void skip(Fault fault, String why) {
    outcomes.add(Outcome.skipped(fault.name(), why));
    say(fault.name() + ": skipped: " + why);
  }

  private Round newRound(Set<Integer> mayMarkStale) {
    String prefix =
        "chaos-%d-%s-%d-"
            .formatted(ProcessHandle.current().pid(), harness.cluster().layout(), rounds++);
    Round round = new Round(prefix, mayMarkStale);
    current = round;
    return round;
  }

  @Override
  public void say(String what) {
    say.accept(what);
  }

  @Override
  public void rest(Duration time) throws InterruptedException {
    TimeUnit.NANOSECONDS.sleep(time.toNanos());
  }

  @Override
  public void befell() {
    round().answers().befell(System.nanoTime());
  }

  @Override
  public void over() {
    round().answers().over(System.nanoTime());
  }

  private Round round() {
    Round round = current;
    if (round == null) {
      throw new IllegalStateException("a fault befalls in a round only");
    }
    return round;
  }
}
