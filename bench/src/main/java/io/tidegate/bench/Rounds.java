package io.tidegate.bench;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Measures contenders in turns: A B C, then B C A, then C A B, so that whatever drifts on the
 * machine, and whoever ran just before, meets all alike.
 */
final class Rounds {
  /** More bad answers than one in a thousand make a figure meaningless. */
  private static final double MOST_ERRORS = 0.001;

  private static final Duration NOTHING_TO_COMPILE = Duration.ofSeconds(1);
  private static final Duration SLICE = Duration.ofSeconds(2);
  private static final double STILL_FALLING = 0.95;
  private static final long WARM_REQUESTS = 100_000;

  private final Plan plan;
  private final Cores cores;
  private final Consumer<String> say;
  private final Consumer<String> failed;
  private final @Nullable Flames flames;

  /**
   * How long things take.
   *
   * @param rounds how often each is measured
   * @param time of one measurement
   * @param warmUp at most, of a contender that compiles while it runs, before the first round
   */
  record Plan(int rounds, Duration time, Duration warmUp) {}

  /**
   * @param say hears what is being done
   * @param failed hears which contender dropped out, and why
   */
  Rounds(Plan plan, Cores cores, Consumer<String> say, Consumer<String> failed) {
    this(plan, cores, say, failed, null);
  }

  /**
   * @param flames draws what nodes do, after the rounds
   */
  Rounds(
      Plan plan,
      Cores cores,
      Consumer<String> say,
      Consumer<String> failed,
      @Nullable Flames flames) {
    this.plan = plan;
    this.cores = cores;
    this.say = say;
    this.failed = failed;
    this.flames = flames;
  }

  /** Warms all up and measures them. */
  Map<String, Series> run(String work, List<Contender> contenders)
      throws InterruptedException, IOException {
    List<Contender> warm = new ArrayList<>();
    for (Contender contender : contenders) {
      say.accept(work + ": " + contender.name() + " warms up");
      try {
        warmUp(contender);
        warm.add(contender);
      } catch (BenchFailure e) {
        failed.accept(work + ": " + contender.name() + ": " + e.getMessage());
      }
    }
    return runWarm(work, warm);
  }

  /** Measures contenders that are warm, or warm up by themselves; those that fail drop out. */
  Map<String, Series> runWarm(String work, List<Contender> warm)
      throws InterruptedException, IOException {
    List<Contender> contenders = new ArrayList<>(warm);
    Map<String, List<Sample>> samples = new LinkedHashMap<>();
    contenders.forEach(contender -> samples.put(contender.name(), new ArrayList<>()));
    for (int round = 0; round < plan.rounds(); round++) {
      for (Contender contender : turned(contenders, round)) {
        try {
          Sample sample = measure(work, contender, round + 1, plan.time());
          say.accept(
              "%s, round %d: %s %,.0f/s, %.1f us CPU each"
                  .formatted(
                      work, round + 1, contender.name(), sample.load().rate(), sample.cpuMicros()));
          samples.computeIfAbsent(contender.name(), name -> new ArrayList<>()).add(sample);
        } catch (BenchFailure e) {
          failed.accept(String.valueOf(e.getMessage()));
          samples.remove(contender.name());
          contenders.remove(contender);
        }
      }
    }
    draw(work, contenders);
    Map<String, Series> series = new LinkedHashMap<>();
    samples.forEach((name, own) -> series.put(name, new Series(work, name, own)));
    return series;
  }

  private void draw(String work, List<Contender> contenders) throws InterruptedException {
    if (flames == null) {
      return;
    }
    for (Contender contender : contenders) {
      Child process = contender.process();
      if (process != null && process.isJava() && contender.name().startsWith(Bench.TIDEGATE)) {
        say.accept(work + ": " + contender.name() + " is profiled");
        try {
          flames.draw(work, contender, process, plan.time());
        } catch (BenchFailure | IOException e) {
          say.accept("no profile: " + e.getMessage()); // the figures are there
        }
      }
    }
  }

  /** A B C, then B C A, then C A B. */
  static <T> List<T> turned(List<T> all, int round) {
    List<T> turned = new ArrayList<>(all);
    Collections.rotate(turned, -round);
    return turned;
  }

  /**
   * For half of the time, and then until its requests cost no less than before, or the time is up.
   * What it costs tells better than how fast it is on a machine that others use; but a node whose
   * requests seem to cost no less has been seen to compile for half a minute more.
   */
  private void warmUp(Contender contender) throws InterruptedException, IOException {
    Child process = contender.process();
    contender.set().run();
    if (process == null || !process.isJava()) {
      contender.load().run(NOTHING_TO_COMPILE);
      return;
    }
    cores.release(process);
    long begin = System.nanoTime();
    long most = plan.warmUp().toNanos();
    long requests = 0;
    double least = Double.MAX_VALUE;
    double cost = Double.MAX_VALUE;
    do {
      least = Math.min(least, cost);
      long before = contender.usage().cpuMicros();
      long answered = contender.load().run(SLICE).requests();
      requests += answered;
      cost = (double) (contender.usage().cpuMicros() - before) / Math.max(1, answered);
    } while (System.nanoTime() - begin < most / 2
        || ((requests < WARM_REQUESTS || cost < least * STILL_FALLING)
            && System.nanoTime() - begin < most));
    cores.confine(process);
    say.accept(
        "%s: warmed up by %,d requests, %.1f us CPU each at last"
            .formatted(contender.name(), requests, cost));
  }

  /** One measurement. */
  static Sample measure(String work, Contender contender, int round, Duration time)
      throws InterruptedException, IOException {
    contender.set().run();
    Usage before = contender.usage();
    long begin = System.nanoTime();
    LoadResult load = contender.load().run(time);
    double seconds = (System.nanoTime() - begin) / 1e9;
    Usage after = contender.usage();
    if (load.requests() == 0) {
      throw new BenchFailure(work + ": " + contender.name() + " answered nothing in time");
    }
    if (load.errors() > load.requests() * MOST_ERRORS) {
      throw new BenchFailure(
          "%s: %s: %d of %d requests went wrong"
              .formatted(work, contender.name(), load.errors(), load.requests()));
    }
    // Who is its own load generator tells what it took while it measured, without its start.
    boolean told = load.cpuMicros() >= 0;
    double cpu = told ? load.cpuMicros() : (double) after.cpuMicros() - before.cpuMicros();
    return new Sample(
        work,
        contender.name(),
        round,
        load,
        cpu / load.requests(),
        cpu / 1e6 / (told ? load.seconds() : seconds),
        after.residentBytes());
  }
}
