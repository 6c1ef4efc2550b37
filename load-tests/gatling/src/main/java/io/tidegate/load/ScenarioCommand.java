package io.tidegate.load;

import io.gatling.javaapi.core.Simulation;
import io.tidegate.load.EventBooks.Balance;
import io.tidegate.load.Summary.Run;
import io.tidegate.simulate.EndHook;
import io.tidegate.simulate.Terminal;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * A scenario as a command: checks the options, asks the gateway whether it is there, lets Gatling
 * run the simulation, and tells how it went. Exit code 0 when everything asserted holds, {@link
 * Summary#FAILED} or {@link Summary#NOT_LOOKED_AT} when not.
 */
@SuppressWarnings("NullAway.Init") // picocli sets the fields before it calls
abstract class ScenarioCommand implements Callable<Integer> {
  /** Of the arrivals 99 in 100 must be in time by so much; else the loop was not open. */
  private static final long MOST_LATE_MILLIS = 1_000;

  private static final int SOON_MILLIS = 1_000;

  /** With a projection that does not get on. */
  static final Duration PATIENCE = Duration.ofSeconds(60);

  /** On Ctrl-C and SIGTERM, for a system of the run's own to end. */
  private static final Duration END_WAIT = Duration.ofSeconds(30);

  private static final double AGENT_RATE = 50;
  private static final int FEWEST_AGENTS = 20;
  private static final Duration TOKENS_LAST_LONGER = Duration.ofHours(2);

  @Spec CommandSpec spec;
  @Mixin LoadOptions options;

  private Terminal terminal;
  private boolean seeded;

  /** The simulation's class, which finds the {@link Stage} by itself. */
  abstract Class<? extends Simulation> simulation();

  /** When users arrive. */
  abstract ArrivalPlan plan() throws IOException, InterruptedException;

  /** Requests for each of them, its own and those that come beside. */
  abstract double requestsPerUser();

  /** Milliseconds that 99 of 100 answers may take, when no option says so. */
  int p99() {
    return SOON_MILLIS;
  }

  /** Events a batch. */
  int batch() {
    return ShopVisit.SMALL_BATCH;
  }

  /** What else must be so before it begins. */
  void check(Preflight preflight, Stage stage) throws InterruptedException {
    preflight.ingestion(options.urlTexts(), stage);
    preflight.tokens(options.urlTexts(), stage);
  }

  /** Runs beside the load, from its begin until it is closed; tells what it found. */
  Companion companion(Stage stage) throws IOException, InterruptedException {
    return took -> List.of();
  }

  /** What runs beside the load. */
  @FunctionalInterface
  interface Companion {
    /**
     * Called when the last answer is there.
     *
     * @param took from the first answer to the last
     */
    List<Verdict> end(Duration took) throws IOException, InterruptedException;
  }

  /** Makes one when the load is about to begin. */
  @FunctionalInterface
  interface CompanionFactory {
    Companion of(Stage stage) throws IOException, InterruptedException;
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    require(options.problem());
    terminal = Terminal.of(spec.commandLine().getOut(), spec.commandLine().getErr());
    EndHook hook = EndHook.interrupting("load", END_WAIT);
    try {
      return run();
    } finally {
      hook.close();
      terminal.out().flush();
      terminal.err().flush();
    }
  }

  int run() throws IOException, InterruptedException {
    return run(UnaryOperator.identity(), this::companion);
  }

  /**
   * All of it.
   *
   * @param way the stage of the load itself, when it is not that of the first questions
   * @param companions makes what runs beside it
   */
  final int run(UnaryOperator<Stage> way, CompanionFactory companions)
      throws IOException, InterruptedException {
    Stage stage = stage(plan());
    try (Preflight preflight = new Preflight()) {
      check(preflight, stage);
      seeded = preflight.isSeeded(options.urlTexts(), stage, options.customers);
    }
    say(
        String.format(
            Locale.ROOT,
            "%s: %,d requests in %s, at most %,.0f a second",
            spec.name(),
            requests(stage),
            text(stage.plan().duration()),
            stage.plan().peak() * requestsPerUser()));
    Companion companion = companions.of(stage);
    Run run = play(simulation(), way.apply(stage), companion);
    new Summary(terminal.out()).print(run);
    return run.exitCode();
  }

  private Run play(Class<? extends Simulation> simulation, Stage stage, Companion companion)
      throws IOException, InterruptedException {
    Stage.set(stage);
    GatlingRun gatling = new GatlingRun(options.results);
    Path report;
    Watch watch = new Watch(terminal, spec.name(), stage.answers(), requests(stage));
    try (watch) {
      report = gatling.run(simulation, true);
    }
    GatlingLog log = gatling.log();
    List<Verdict> verdicts = new ArrayList<>(log.assertions());
    if (verdicts.isEmpty()) {
      verdicts.add(Verdict.unknown("what the simulation asserts: Gatling's log tells nothing"));
    }
    verdicts.addAll(companion.end(watch.took()));
    if (seeded) {
      long unknown = stage.answers().count("", 404, 404);
      verdicts.add(Verdict.of(unknown == 0, "every customer has a profile: %,d had none", unknown));
    }
    verdicts.add(allCame(stage));
    verdicts.add(openLoop(stage.clock()));
    return new Run(
        spec.name(), log, stage.answers(), watch.took(), watch.cpuMicros(), verdicts, report);
  }

  private long requests(Stage stage) {
    return Math.round(stage.plan().arrivals() * requestsPerUser());
  }

  /** Gatling rounds the users of each ramp. */
  private static Verdict allCame(Stage stage) {
    long planned = stage.plan().arrivals();
    long came = stage.clock().arrivals();
    return Verdict.of(
        Math.abs(came - planned) <= 2 + planned / 1_000,
        "all that was planned was sent: %,d of %,d users came",
        came,
        planned);
  }

  private static Verdict openLoop(ArrivalClock clock) {
    return Verdict.of(
        clock.late(0.99) <= MOST_LATE_MILLIS,
        "the load generator keeps to its plan: 99 %% of the arrivals at most %,d ms late"
            + " (limit: %,d), all at most %,d ms",
        clock.late(0.99),
        MOST_LATE_MILLIS,
        clock.late(1));
  }

  /**
   * Counts events on both sides of the log, when there is a management port to ask.
   *
   * @param judge what must hold of them
   */
  Companion keepingBooks(Function<Balance, List<Verdict>> judge) throws InterruptedException {
    Metrics metrics = new Metrics(options.managementTexts());
    EventBooks books;
    try {
      books = EventBooks.open(metrics, PATIENCE, this::leftToProject);
    } catch (IOException e) {
      metrics.close();
      return took -> List.of(noBooks(e));
    }
    return took -> {
      try (metrics) {
        return judge.apply(books.close(PATIENCE, this::leftToProject));
      } catch (IOException e) {
        return List.of(noBooks(e));
      }
    };
  }

  private static Verdict noBooks(IOException e) {
    return Verdict.unknown("no event lost: no metrics at --management: " + Preflight.reason(e));
  }

  void leftToProject(long events) {
    say(String.format(Locale.ROOT, "%,d events to project", events));
  }

  /** What this run's simulation plays with. */
  Stage stage(ArrivalPlan plan) {
    Tokens tokens =
        new Tokens(options.token, options.dataDir, plan.duration().plus(TOKENS_LAST_LONGER));
    int agents = Math.max(FEWEST_AGENTS, (int) (plan.peak() * requestsPerUser() / AGENT_RATE));
    Customers customers =
        new Customers(
            options.customers,
            tokens.customers(Math.min(options.users, options.customers)),
            tokens.agents(agents),
            tokens::customer);
    String run = "load-" + Long.toHexString(ThreadLocalRandom.current().nextLong(1L << 40));
    return new Stage(
        options.urlTexts(),
        SourceAddresses.choose(options.from, options.urls),
        options.writeKey,
        batch(),
        options.route,
        options.p99 == null ? p99() : options.p99,
        plan,
        new ArrivalClock(plan),
        new Answers(),
        customers,
        new EventBodies(run, Instant.now()),
        new Sessions(),
        new SentEvents());
  }

  Terminal terminal() {
    return terminal;
  }

  /** A line on the way, beside the results. */
  void say(String line) {
    terminal.err().println(line);
    terminal.err().flush();
  }

  /** Fails with how the command is used. */
  void require(@Nullable String problem) {
    if (problem != null) {
      throw new ParameterException(spec.commandLine(), problem);
    }
  }

  static String text(Duration duration) {
    return duration.compareTo(Duration.ofMinutes(2)) < 0
        ? duration.toSeconds() + " s"
        : duration.toMinutes() + " min";
  }
}
