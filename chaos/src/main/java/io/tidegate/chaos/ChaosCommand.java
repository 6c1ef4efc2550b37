package io.tidegate.chaos;

import io.tidegate.devstack.DevStackException;
import io.tidegate.simulate.EndHook;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * The command {@code chaos}. Exit code 0 when all books were right, 1 when one was wrong or the run
 * did not come to its end, 2 when the options make no sense.
 */
@Command(
    name = "chaos",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Starts Postgres, Redis, Kafka and several nodes, each a process, sends steady traffic to them,",
      "kills, pauses, restarts and cuts off nodes meanwhile, and checks the books after each fault.",
      "Without --minutes: every fault once, within five minutes. Ctrl-C ends early, with the table."
    })
public final class ChaosCommand implements Callable<Integer> {
  private static final int MOST_NODES = 9;

  /** Without --minutes; the last fault that begins before that ends within five minutes. */
  private static final Duration ONE_ROUND = Duration.ofSeconds(260);

  private static final Duration HOOK_WAIT = Duration.ofSeconds(12);

  @Option(
      names = "--minutes",
      paramLabel = "N",
      description = "Goes on with faults for so long, from the second time on in any order.")
  private @Nullable Integer minutes;

  @Option(
      names = "--nodes",
      paramLabel = "N",
      description = "How many nodes (default: 3; 4 for apart, 6 for single-roles).")
  private @Nullable Integer nodes;

  @Option(
      names = "--layout",
      paramLabel = "LAYOUT",
      defaultValue = "all",
      description =
          "all: every role everywhere; apart: front doors apart from workers; single-roles: one each.")
  private String layout = "all";

  @Option(
      names = "--only",
      paramLabel = "FAULT",
      split = ",",
      description = {
        "Only these faults: kill (or kill-node-1, ...), pause, roll, kill-two, join, cut-nodes,",
        "cut-redis, cut-postgres, cut-kafka."
      })
  private List<String> only = List.of();

  @Option(
      names = "--rate",
      paramLabel = "N",
      defaultValue = "120",
      description = "Requests a second (default: ${DEFAULT-VALUE}).")
  private double rate;

  @Option(
      names = "--seed",
      paramLabel = "N",
      description = "With --minutes: makes the order of the faults the same each time.")
  private @Nullable Long seed;

  @Spec private @Nullable CommandSpec spec;

  @Override
  public Integer call() throws IOException, SQLException {
    Layout chosen = layout();
    int size = nodes == null ? chosen.defaultNodes() : nodes;
    require(size >= 2 && size <= MOST_NODES, "--nodes: " + size + " (expected: 2 to 9)");
    require(rate >= 24 && rate <= 5_000, "--rate: " + rate + " (expected: 24 to 5000)");
    require(minutes == null || minutes > 0, "--minutes: " + minutes + " (expected: > 0)");
    List<Fault> faults = faults(chosen, size);

    Thread worker = Thread.currentThread();
    // The interrupt ends whatever is waited for, and everything is closed on the way out.
    EndHook hook = new EndHook("chaos", HOOK_WAIT, worker::interrupt);
    try {
      return run(size, chosen, faults);
    } finally {
      out().flush();
      hook.close();
    }
  }

  private int run(int size, Layout chosen, List<Fault> faults) throws IOException, SQLException {
    long begin = System.nanoTime();
    Consumer<String> say = new Progress(err(), begin);
    @Nullable ChaosRun run = null;
    boolean complete = false;
    Path directory = null;
    try (Harness harness = Harness.start(size, chosen, rate, say)) {
      directory = harness.directory();
      run = new ChaosRun(harness, say);
      run.warmUp();
      if (minutes == null) {
        run.once(begin + ONE_ROUND.toNanos(), faults);
      } else {
        long order = seed == null ? ThreadLocalRandom.current().nextLong() : seed;
        say.accept("seed " + order);
        run.until(System.nanoTime() + TimeUnit.MINUTES.toNanos(minutes), faults, order);
      }
      complete = true;
    } catch (InterruptedException e) {
      err().println("chaos: ended early");
    } catch (ChaosFailure | DevStackException e) {
      err().println("chaos: " + e.getMessage());
    }
    List<Outcome> outcomes = run == null ? List.of() : run.outcomes();
    if (!outcomes.isEmpty()) {
      Outcome.print(outcomes, out());
    }
    boolean right = complete && outcomes.stream().allMatch(Outcome::isRight);
    if (right && directory != null) {
      delete(directory);
    } else if (directory != null) {
      err().println("chaos: the nodes' logs are in " + directory);
    }
    err().flush();
    return right ? 0 : 1;
  }

  private Layout layout() {
    for (Layout known : Layout.values()) {
      if (known.toString().equals(layout)) {
        return known;
      }
    }
    throw new ParameterException(
        spec().commandLine(), "--layout: " + layout + " (expected: all, apart or single-roles)");
  }

  private List<Fault> faults(Layout chosen, int size) {
    List<Fault> all = Fault.all(chosen, size);
    for (String wanted : only) {
      require(
          all.stream().anyMatch(fault -> fault.isMeantBy(wanted)),
          "--only: "
              + wanted
              + " (expected: "
              + String.join(", ", all.stream().map(Fault::name).toList())
              + ")");
    }
    return only.isEmpty()
        ? all
        : all.stream().filter(fault -> only.stream().anyMatch(fault::isMeantBy)).toList();
  }

  private static void delete(Path directory) throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    }
  }

  private void require(boolean holds, String message) {
    if (!holds) {
      throw new ParameterException(spec().commandLine(), message);
    }
  }

  private PrintWriter out() {
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

  /** Says each step as it is done, with the seconds since the beginning. */
  private record Progress(PrintWriter err, long begin) implements Consumer<String> {
    @Override
    public void accept(String what) {
      synchronized (err) {
        err.printf(Locale.ROOT, "%6.1f s  %s%n", (System.nanoTime() - begin) / 1e9, what);
        err.flush();
      }
    }
  }
}
