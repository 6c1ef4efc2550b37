package io.tidegate.chaos;

import io.tidegate.devstack.DevStackException;
import io.tidegate.devstack.Trees;
import io.tidegate.simulate.EndHook;
import io.tidegate.simulate.Steps;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
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
      "Without options: every kind of fault once, within five minutes. Ctrl-C ends early, with the",
      "table."
    })
public final class ChaosCommand implements Callable<Integer> {
  private static final int MOST_NODES = 9;

  /** Without --minutes; the last fault that begins before that ends within five minutes. */
  private static final Duration ONE_ROUND = Duration.ofSeconds(260);

  static final String NO_TIME = "no time left";

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
      description = {
        "all: every role everywhere; apart: front doors apart from workers; single-roles: one each.",
        "Every fault of that layout. Default: all, then two nodes killed in apart."
      })
  private @Nullable String layout;

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
      names = "--books-only",
      description = {
        "Only wrong books fail the run: events lost or counted twice, limits exceeded. What clients",
        "saw is printed. For machines with too few processors for all the processes."
      })
  private boolean booksOnly;

  @Option(
      names = "--seed",
      paramLabel = "N",
      description = "With --minutes: makes the order of the faults the same each time.")
  private @Nullable Long seed;

  @Spec private @Nullable CommandSpec spec;

  @Override
  public Integer call() throws IOException, SQLException {
    require(
        nodes == null || (nodes >= 2 && nodes <= MOST_NODES),
        "--nodes: " + nodes + " (expected: 2 to 9)");
    require(rate >= 24 && rate <= 5_000, "--rate: " + rate + " (expected: 24 to 5000)");
    require(minutes == null || minutes > 0, "--minutes: " + minutes + " (expected: > 0)");
    List<Part> parts = parts();

    EndHook hook = EndHook.interrupting("chaos", HOOK_WAIT);
    try {
      return run(parts);
    } finally {
      out().flush();
      hook.close();
    }
  }

  private int run(List<Part> parts) throws IOException, SQLException {
    long begin = System.nanoTime();
    Consumer<String> say = new Steps(err(), begin);
    List<Outcome> outcomes = new ArrayList<>();
    boolean complete = false;
    Path directory = null;
    int most = parts.stream().mapToInt(Part::size).max().orElse(0) + 1;
    try (Ground ground = Ground.open(most, rate, say)) {
      directory = ground.directory();
      for (Part part : parts) {
        if (minutes == null && System.nanoTime() - begin > ONE_ROUND.toNanos()) {
          part.faults().forEach(late -> outcomes.add(Outcome.skipped(late.name(), NO_TIME)));
        } else {
          run(ground, part, begin, say, outcomes);
        }
      }
      complete = true;
    } catch (InterruptedException e) {
      err().println("chaos: ended early");
    } catch (ChaosFailure | DevStackException e) {
      err().println("chaos: " + e.getMessage());
    }
    if (!outcomes.isEmpty()) {
      Outcome.print(outcomes, out());
    }
    boolean right = complete && outcomes.stream().allMatch(Outcome::isRight);
    if (right && directory != null) {
      Trees.delete(directory);
    } else if (directory != null) {
      err().println("chaos: the nodes' logs are in " + directory);
    }
    err().flush();
    boolean rightBooks = complete && outcomes.stream().allMatch(Outcome::hasRightBooks);
    return right || (booksOnly && rightBooks) ? 0 : 1;
  }

  private void run(
      Ground ground, Part part, long begin, Consumer<String> say, List<Outcome> outcomes)
      throws IOException, SQLException, InterruptedException {
    try (Harness harness = Harness.start(ground, part.size(), part.layout(), rate, say)) {
      ChaosRun run = new ChaosRun(harness, say, outcomes);
      run.warmUp();
      run.quiet();
      if (minutes == null) {
        run.once(begin + ONE_ROUND.toNanos(), part.faults());
      } else {
        long order = seed == null ? ThreadLocalRandom.current().nextLong() : seed;
        say.accept("seed " + order);
        run.until(System.nanoTime() + TimeUnit.MINUTES.toNanos(minutes), part.faults(), order);
      }
      harness.cluster().leave();
      say.accept("all nodes have left");
    }
  }

  private Layout layout(String name) {
    for (Layout known : Layout.values()) {
      if (known.toString().equals(name)) {
        return known;
      }
    }
    throw new ParameterException(
        spec().commandLine(), "--layout: " + name + " (expected: all, apart or single-roles)");
  }

  private List<Part> parts() {
    if (layout == null && minutes == null && only.isEmpty()) {
      return Part.round(nodes == null ? Layout.ALL.defaultNodes() : nodes);
    }
    Layout chosen = layout == null ? Layout.ALL : layout(layout);
    Part whole = Part.whole(chosen, nodes == null ? chosen.defaultNodes() : nodes);
    for (String wanted : only) {
      require(
          whole.faults().stream().anyMatch(fault -> fault.isMeantBy(wanted)),
          "--only: "
              + wanted
              + " (expected: "
              + String.join(", ", whole.faults().stream().map(Fault::name).toList())
              + ")");
    }
    return List.of(only.isEmpty() ? whole : whole.only(only));
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
}
