package io.tidegate.node;

import io.tidegate.platform.ConfigurationException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Reads all of the configuration and prints everything that is wrong with it. */
@Command(
    name = "check-config",
    mixinStandardHelpOptions = true,
    description = {
      "Reads tidegate.yaml, limits.yaml and routes.yaml under the environment's variables and prints every problem:",
      "file or variable, key, value and what was expected. Exit code 0 when there is none, else 1."
    })
@SuppressWarnings("NullAway.Init") // picocli sets the fields before it calls
final class CheckConfigCommand implements Callable<Integer> {
  @Spec CommandSpec spec;

  @Option(
      names = "--conf",
      paramLabel = "DIR",
      defaultValue = "${sys:tidegate.home:-.}/conf",
      description = "The configuration directory (default: conf beside the launcher).")
  Path conf;

  private final Map<String, String> environment;

  CheckConfigCommand() {
    this(System.getenv());
  }

  CheckConfigCommand(Map<String, String> environment) {
    this.environment = environment;
  }

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    try {
      var unused = Sections.load(conf, environment, Map.of());
      out.println(conf + ": no problems");
      return 0;
    } catch (ConfigurationException e) {
      e.problems().forEach(out::println);
      out.println(e.problems().size() + (e.problems().size() == 1 ? " problem" : " problems"));
      return 1;
    } finally {
      out.flush();
    }
  }
}
