package io.tidegate.bench;

import io.tidegate.devstack.DevStackException;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What single settings do to the work that they concern: a process as usual beside one that differs
 * in one setting, in turns. Figures for docs/adr/0011-levers.md.
 */
final class Levers implements Work {
  static final String NAME = "levers";

  private static final String USUAL = "as usual";
  private static final Duration WARM_UP = Duration.ofSeconds(45);
  private static final Duration QUICK_WARM_UP = Duration.ofSeconds(5);

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public boolean onRequest() {
    return true;
  }

  @Override
  public Duration quickTime() {
    return Duration.ZERO;
  }

  @Override
  public List<Bar> bars() {
    return List.of();
  }

  @Override
  public void run(Bench bench, Report report) throws InterruptedException, IOException {
    for (LeverWork work : LeverWork.values()) {
      List<Lever> levers =
          Lever.ALL.stream()
              .filter(lever -> lever.work() == work && bench.tries(lever.name()))
              .toList();
      if (!levers.isEmpty()) {
        compare(bench, report, work, levers);
      }
    }
  }

  /** What goes wrong with one kind of work, or one lever, leaves the others to be measured. */
  private static void compare(Bench bench, Report report, LeverWork work, List<Lever> levers)
      throws InterruptedException, IOException {
    try (Running usual = start(bench, work, USUAL, Map.of())) {
      for (Lever lever : levers) {
        try {
          compare(bench, report, lever, usual.contender());
        } catch (BenchFailure | DevStackException e) {
          notMeasured(bench, report, lever.name(), e);
        }
      }
    } catch (BenchFailure | DevStackException e) {
      notMeasured(bench, report, work.what(), e);
    }
  }

  private static void notMeasured(Bench bench, Report report, String what, Exception why) {
    bench.failed(what + ": " + why.getMessage());
    report.note(what + ": not measured, " + why.getMessage());
  }

  private static void compare(Bench bench, Report report, Lever lever, Contender usual)
      throws InterruptedException, IOException {
    try (Running other = start(bench, lever.work(), lever.name(), lever.settings())) {
      Rounds rounds = lever.work().isPinned() ? bench.roundsOfWarm() : bench.roundsUnpinned();
      Map<String, Series> all =
          rounds.run(lever.name() + ", " + lever.work().what(), List.of(usual, other.contender()));
      report.add(all.values());
      Series own = all.get(lever.name());
      Series normal = all.get(USUAL);
      if (own != null && normal != null) {
        report.note(
            "%s: %.2f x the usual processor time, %.2f x the usual rate (%s)"
                .formatted(
                    lever.name(),
                    own.cpuMicros() / normal.cpuMicros(),
                    own.rate() / normal.rate(),
                    lever.work().what()));
      } else {
        report.note(lever.name() + ": not measured, " + bench.failure());
      }
    }
  }

  /** Starts a process and has it compile itself by its work. */
  private static Running start(
      Bench bench, LeverWork work, String name, Map<String, String> settings)
      throws InterruptedException, IOException {
    Running running = new Running(work.start(bench, name, settings));
    boolean done = false;
    try {
      bench.warmUp(running.contender(), bench.quick() ? QUICK_WARM_UP : WARM_UP);
      done = true;
      return running;
    } finally {
      if (!done) {
        running.close();
      }
    }
  }

  /** A contender whose process ends with it. */
  private record Running(Contender contender) implements AutoCloseable {
    @Override
    public void close() {
      @Nullable Child process = contender.process();
      if (process != null) {
        process.close();
      }
    }
  }
}
