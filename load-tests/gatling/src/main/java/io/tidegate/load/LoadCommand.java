package io.tidegate.load;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** The command {@code load}: load tests by Gatling, and the customers they need. */
@Command(
    name = "load",
    mixinStandardHelpOptions = true,
    description = "Load tests by Gatling: each scenario asserts something, and ends with a report.",
    synopsisSubcommandLabel = "SCENARIO",
    commandListHeading = "%nScenarios, and what makes their customers:%n",
    footer = {
      "",
      "First: ./tidegate up, and in another terminal ./tidegate load seed.",
      "Exit code 0 when every assertion holds, 1 when one does not or there was no run, 2 for wrong",
      "usage, 3 when none failed but one could not be looked at (UNKNOWN)."
    },
    subcommands = {
      PeakDayCommand.class,
      FlashSaleCommand.class,
      FirehoseCommand.class,
      ProfileReadCommand.class,
      MiniProgramCommand.class,
      SoakCommand.class,
      FailoverCommand.class,
      SeedCommand.class,
    })
@SuppressWarnings("NullAway.Init") // picocli sets the fields before it calls
public final class LoadCommand implements Runnable {
  @Spec CommandSpec spec;

  /** Filled in by picocli. */
  LoadCommand() {}

  /** Runs a scenario; the process ends with its exit code. */
  public static void main(String[] args) {
    GatlingRun.stayOffline();
    System.exit(commandLine().execute(args));
  }

  static CommandLine commandLine() {
    return new CommandLine(new LoadCommand())
        .setExecutionExceptionHandler(
            (failure, commandLine, parsed) -> {
              String told =
                  switch (failure) {
                    case LoadFailure known -> known.getMessage();
                    case InterruptedException ended -> "ended early";
                    default -> failure.toString();
                  };
              commandLine.getErr().println("load: " + told);
              commandLine.getErr().flush();
              return 1;
            });
  }

  @Override
  public void run() {
    spec.commandLine().usage(spec.commandLine().getOut());
  }
}
