package io.tidegate.bench;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Measures contenders in turns: A B C, then B C A, then C A B, so that whatever drifts on the
 * machine, and whoever ran just before, meets all alike.
 */
final class Rounds {
  /** More bad answers than one in a thousand make a figure meaningless. */
  private static final double MOST_ERRORS = 0.001;

  private static final Duration NOTHING_TO_COMPILE = Duration.ofSeconds(1);

  private final Plan plan;
  private final Cores cores;
  private final Consumer<String> say;

  /**
   * How long things take.
   *
   * @param rounds how often each is measured
   * @param time of one measurement
   * @param warmUp of a contender that compiles while it runs, before the first round
   */
  record Plan(int rounds, Duration time, Duration warmUp) {}

  Rounds(Plan plan, Cores cores, Consumer<String> say) {
    this.plan = plan;
    this.cores = cores;
    this.say = say;
  }

  /** Warms all up and measures them. */
  Map<String, Series> run(String work, List<Contender> contenders) throws InterruptedException {
    for (Contender contender : contenders) {
      say.accept(work + ": " + contender.name() + " warms up");
      warmUp(contender);
    }
    Map<String, List<Sample>> samples = new LinkedHashMap<>();
    contenders.forEach(contender -> samples.put(contender.name(), new ArrayList<>()));
    for (int round = 0; round < plan.rounds(); round++) {
      for (int turn = 0; turn < contenders.size(); turn++) {
        Contender contender = contenders.get((turn + round) % contenders.size());
        Sample sample = measure(work, contender, round + 1, plan.time());
        say.accept(
            "%s, round %d: %s %,.0f/s, %.1f us CPU each"
                .formatted(
                    work, round + 1, contender.name(), sample.load().rate(), sample.cpuMicros()));
        samples.computeIfAbsent(contender.name(), name -> new ArrayList<>()).add(sample);
      }
    }
    Map<String, Series> series = new LinkedHashMap<>();
    samples.forEach((name, own) -> series.put(name, new Series(work, name, own)));
    return series;
  }

  private void warmUp(Contender contender) throws InterruptedException {
    cores.release(contender.process());
    contender.load().run(contender.compiles() ? plan.warmUp() : NOTHING_TO_COMPILE);
    cores.confine(contender.process());
  }

  /** One measurement. */
  static Sample measure(String work, Contender contender, int round, Duration time)
      throws InterruptedException {
    Usage before = contender.process().usage();
    long begin = System.nanoTime();
    LoadResult load = contender.load().run(time);
    double seconds = (System.nanoTime() - begin) / 1e9;
    Usage after = contender.process().usage();
    if (load.requests() == 0 || load.errors() > load.requests() * MOST_ERRORS) {
      throw new BenchFailure(
          "%s: %s: %d of %d requests went wrong"
              .formatted(work, contender.name(), load.errors(), load.requests()));
    }
    double cpu = (double) after.cpuMicros() - before.cpuMicros();
    return new Sample(
        work,
        contender.name(),
        round,
        load,
        cpu / load.requests(),
        cpu / 1e6 / seconds,
        after.residentBytes());
  }
}
