package io.tidegate.node;

import io.tidegate.chaos.ChaosCommand;
import io.tidegate.edge.ConnectionGuard;
import io.tidegate.platform.ConfigurationException;
import io.tidegate.platform.Durations;
import io.tidegate.simulate.SimulateCommand;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** The command line. */
@Command(
    name = "tidegate",
    mixinStandardHelpOptions = true,
    version = "tidegate " + Tidegate.VERSION,
    description =
        "The front door of a social CRM: ingestion, routing, rate limiting and profile lookup.",
    synopsisSubcommandLabel = "COMMAND",
    commandListHeading = "%nCommands:%n",
    footer = {
      "",
      "  ./tidegate test         runs the whole test suite (arguments go to Maven)",
      "  ./tidegate bench        measures it beside other gateways (--help says how)",
      "  ./tidegate load         load tests by Gatling, see load --help",
      "",
      "First steps: ./tidegate up   (then paste what it prints)"
    },
    subcommands = {
      UpCommand.class,
      NodeCommand.class,
      TokenCommand.class,
      ClusterCommand.class,
      CheckConfigCommand.class,
      SimulateCommand.class,
      ChaosCommand.class,
      AotCommand.class,
      CommandLine.HelpCommand.class
    })
public final class Tidegate implements Runnable {
  static final String VERSION = "0.1.0";

  private static final String NODE = "node";

  @Spec CommandSpec spec;

  /** Filled in by picocli. */
  @SuppressWarnings("NullAway.Init") // picocli sets the fields before it calls run
  Tidegate() {}

  /**
   * Runs a command; the exit code is 0 when it did what was asked, 1 when it could not, 2 for wrong
   * usage.
   */
  public static void main(String[] args) {
    Logging.configure(args.length > 0 ? args[0] : "", home());
    ConnectionGuard.install();
    boolean production = args.length > 0 && args[0].equals(NODE);
    int code =
        production ? node(Arrays.copyOfRange(args, 1, args.length)) : commandLine().execute(args);
    Logging.flush();
    System.exit(code);
  }

  static CommandLine commandLine() {
    return ours(new CommandLine(new Tidegate()));
  }

  /** The command {@code node}: plain options are read without picocli, all else by it. */
  private static int node(String... args) {
    NodeCommand read = NodeArguments.read(args);
    if (read == null) {
      return nodeAlone().execute(args);
    }
    try {
      return read.call();
    } catch (Exception e) {
      return failed(e, nodeAlone().getErr());
    }
  }

  /**
   * The command {@code node} without the others, whose options picocli would read too: a node is
   * started in the middle of a peak.
   */
  private static CommandLine nodeAlone() {
    return ours(new CommandLine(new NodeCommand()).setCommandName("tidegate " + NODE));
  }

  private static CommandLine ours(CommandLine made) {
    return made.registerConverter(Duration.class, Durations::parse)
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setExecutionExceptionHandler(
            (failure, commandLine, parsed) -> failed(failure, commandLine.getErr()));
  }

  /** Says why a command could not do what was asked. */
  private static int failed(Exception failure, PrintWriter err) {
    if (failure instanceof ConfigurationException wrong) {
      err.println("tidegate: the configuration has problems:");
      wrong.problems().forEach(problem -> err.println("  " + problem));
    } else {
      err.println("tidegate: " + failure.getMessage());
      if (!(failure instanceof CommandFailure)) {
        failure.printStackTrace(err);
      }
    }
    err.flush();
    return 1;
  }

  /** Where the launcher stands; the working directory when started without it. */
  static Path home() {
    return Path.of(System.getProperty("tidegate.home", "."));
  }

  @Override
  public void run() {
    spec.commandLine().usage(spec.commandLine().getOut());
  }
}
