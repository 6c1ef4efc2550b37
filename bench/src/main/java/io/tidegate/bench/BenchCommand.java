package io.tidegate.bench;

import io.tidegate.devstack.DevStackException;
import io.tidegate.devstack.Trees;
import io.tidegate.simulate.EndHook;
import io.tidegate.simulate.Steps;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The command {@code bench}; its help says what the exit codes mean. */
@Command(
    name = "bench",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Measures Tidegate beside nginx, HAProxy, Spring Cloud Gateway, bare Vert.x and the tools that it",
      "stands on, in turns on this machine, and prints every bar with its figure and PASS or MISS.",
      "What the environment sets of TIDEGATE_* reaches the nodes under test."
    },
    exitCodeListHeading = "Exit codes:%n",
    exitCodeList = {
      "0:every bar that was asked for was measured, whatever came of it",
      "1:the run did not come to its end",
      "2:the options make no sense",
      "3:not every bar that was asked for was measured; the last line names them",
      "4:with --strict: all were measured, and one or more are a MISS"
    },
    subcommands = JmhCommand.class)
public final class BenchCommand implements Callable<Integer> {
  static final Duration QUICK = Duration.ofSeconds(295);
  private static final int CUT_SHORT = 1;
  private static final int NOT_MEASURED = 3;
  private static final int MISSED = 4;
  private static final Duration HOOK_WAIT = Duration.ofSeconds(15);

  @Option(
      names = "--quick",
      description =
          "In under 5 minutes, with fewer and shorter rounds; what no longer fits is not measured.")
  private boolean quick;

  @Option(names = "--only", paramLabel = "WORK", split = ",", description = "Only these works.")
  private List<String> only = List.of();

  @Option(
      names = "--lever",
      paramLabel = "LEVER",
      split = ",",
      description = "Only these of the work levers (default: all): ${COMPLETION-CANDIDATES}.",
      completionCandidates = LeverNames.class)
  private List<String> levers = List.of();

  @Option(
      names = "--rounds",
      paramLabel = "N",
      description = "How often each contender is measured (default: 5, quick 2).")
  private @Nullable Integer rounds;

  @Option(
      names = "--seconds",
      paramLabel = "N",
      description = "How long each time (default: 10, quick 1).")
  private @Nullable Integer seconds;

  @Option(
      names = "--no-pin",
      description = "Leaves it to the system which processors contenders and load run on.")
  private boolean unpinned;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      description = "Where tables, CSV and plots go (default: target/bench).")
  private @Nullable Path out;

  @Option(
      names = "--flames",
      description =
          "After the rounds of each work, a profile of the node at it: flame graphs and shares.csv"
              + " beside the CSV (async-profiler). Memory, and what later works cost, include it.")
  private boolean flames;

  @Option(names = "--strict", description = "A MISS is a failure (exit code 4).")
  private boolean strict;

  @Spec private @Nullable CommandSpec spec;

  /** Filled in by picocli. */
  public BenchCommand() {}

  /** The launcher's {@code bench}. */
  public static void main(String[] args) {
    System.exit(commandLine().execute(args));
  }

  static CommandLine commandLine() {
    CommandLine bench = new CommandLine(new BenchCommand());
    Objects.requireNonNull(bench.getSubcommands().get("jmh"))
        .setUnmatchedOptionsArePositionalParams(true);
    return bench;
  }

  @Override
  public Integer call() throws IOException {
    int times = rounds == null ? (quick ? 2 : 5) : rounds;
    int each = seconds == null ? (quick ? 1 : 10) : seconds;
    require(times >= 1 && times <= 100, "--rounds: " + times + " (expected: 1 to 100)");
    require(each >= 1 && each <= 600, "--seconds: " + each + " (expected: 1 to 600)");
    List<Work> works = works();
    requireLevers();
    EndHook hook = EndHook.interrupting("bench", HOOK_WAIT);
    try {
      Path home = Path.of(System.getProperty("tidegate.home", ".")).toAbsolutePath().normalize();
      Path results = out == null ? home.resolve("target/bench") : out;
      return run(
          new Bench.Options(quick, times, each, levers, flames ? results : null),
          works,
          home,
          results);
    } finally {
      writer().flush();
      hook.close();
    }
  }

  private int run(Bench.Options options, List<Work> works, Path home, Path results)
      throws IOException {
    Path directory = Files.createTempDirectory("tidegate-bench-");
    prepare(works, home);
    long begin = System.nanoTime();
    Consumer<String> say = new Steps(err(), begin);
    Report report = new Report();
    Cores cores = Cores.split(!unpinned);
    boolean complete = false;
    try (Bench bench = new Bench(options, home, directory, cores, say)) {
      cores.moveThisProcess();
      say.accept(cores.described() + "; logs: " + directory);
      if (works.stream().anyMatch(Work::readsMillion)) {
        bench.willReadMillion();
      }
      for (Work work : works) {
        if (quick && !fits(work, begin)) {
          leaveOut(work, report);
        } else {
          measure(work, bench, report);
        }
      }
      complete = true;
    } catch (InterruptedException e) {
      err().println("bench: ended early");
      works.stream()
          .flatMap(work -> work.bars().stream())
          .filter(bar -> !report.knows(bar))
          .forEach(bar -> report.missing(bar, "the run ended early"));
    }
    Files.createDirectories(results);
    Csv.write(report, results);
    Plot.write(report, results);
    try (PrintWriter file =
        new PrintWriter(Files.newBufferedWriter(results.resolve("table.txt")))) {
      BenchTable.print(report, file);
    }
    err().println("bench: CSV and plots are in " + results);
    if (complete && report.isWhole()) {
      Trees.delete(directory);
    } else {
      err().println("bench: logs are in " + directory);
    }
    err().flush();
    BenchTable.print(report, writer());
    return exitCode(complete, report, strict);
  }

  static int exitCode(boolean complete, Report report, boolean strict) {
    if (!complete) {
      return CUT_SHORT;
    }
    if (!report.isWhole()) {
      return NOT_MEASURED;
    }
    return strict && !report.verdicts().stream().allMatch(Verdict::isPassed) ? MISSED : 0;
  }

  /** A peer that can't be built is missing later, with the reason. */
  private void prepare(List<Work> works, Path home) {
    Consumer<String> say = new Steps(err(), System.nanoTime());
    for (Work work : works) {
      try {
        work.prepare(home, say);
      } catch (BenchFailure | IOException e) {
        say.accept(work.name() + ": " + e.getMessage());
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** Whether a quick run still has the time; works that were asked for by name always fit. */
  private boolean fits(Work work, long begin) {
    Duration spent = Duration.ofNanos(System.nanoTime() - begin);
    return !only.isEmpty()
        || (!work.quickTime().isZero() && spent.plus(work.quickTime()).compareTo(QUICK) <= 0);
  }

  private static void leaveOut(Work work, Report report) {
    String why = "no time in a quick run (--only " + work.name() + " measures it)";
    work.bars().forEach(bar -> report.missing(bar, why));
    if (work.bars().isEmpty()) {
      report.note(work.name() + ": " + why);
    }
  }

  private static void measure(Work work, Bench bench, Report report) throws InterruptedException {
    bench.begins();
    boolean failed = false;
    try {
      work.run(bench, report);
    } catch (BenchFailure | DevStackException | IOException e) {
      bench.failed(work.name() + ": " + e.getMessage());
      failed = true;
    }
    if (Thread.currentThread().isInterrupted()) {
      throw new InterruptedException();
    }
    List<Bar> unknown = work.bars().stream().filter(bar -> !report.knows(bar)).toList();
    unknown.forEach(bar -> report.missing(bar, bench.failure()));
    // A contender that dropped out is no bar's matter, but is in no table either.
    if (!bench.failure().isEmpty() && (failed || work.bars().stream().allMatch(report::measured))) {
      report.lack(bench.failure());
    }
  }

  private List<Work> works() {
    List<Work> all = Works.all();
    for (String wanted : only) {
      require(
          all.stream().anyMatch(work -> work.name().equals(wanted)),
          "--only: "
              + wanted
              + " (expected: "
              + String.join(", ", all.stream().map(Work::name).toList())
              + ")");
    }
    return all.stream()
        .filter(work -> only.isEmpty() ? !work.onRequest() : only.contains(work.name()))
        .toList();
  }

  private void requireLevers() {
    require(
        levers.isEmpty() || only.contains(Levers.NAME),
        "--lever: " + String.join(",", levers) + " (expected: with --only " + Levers.NAME + ")");
    for (String lever : levers) {
      require(
          Lever.names().contains(lever),
          "--lever: " + lever + " (expected: " + String.join(", ", Lever.names()) + ")");
    }
  }

  private void require(boolean holds, String message) {
    if (!holds) {
      throw new ParameterException(spec().commandLine(), message);
    }
  }

  private PrintWriter writer() {
    return spec().commandLine().getOut();
  }

  private PrintWriter err() {
    return spec().commandLine().getErr();
  }

  private CommandSpec spec() {
    if (spec == null) {
      throw new IllegalStateException("runs by picocli only");
    }
    return spec;
  }

  /** For the help. */
  private static final class LeverNames extends ArrayList<String> {
    LeverNames() {
      super(Lever.names());
    }
  }
}
