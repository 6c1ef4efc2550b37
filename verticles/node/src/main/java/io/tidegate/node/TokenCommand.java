package io.tidegate.node;

import io.tidegate.simulate.DevToken;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Prints a development token and nothing else. */
@Command(
    name = "token",
    mixinStandardHelpOptions = true,
    description =
        "Prints a token signed with the development key in the data directory; only a node started by 'up' on"
            + " that directory believes it.")
@SuppressWarnings("NullAway.Init") // picocli sets the fields before it calls
final class TokenCommand implements Callable<Integer> {
  enum Role {
    customer,
    agent,
    supervisor,
    admin
  }

  @Spec CommandSpec spec;

  @Option(
      names = "--sub",
      required = true,
      paramLabel = "ID",
      description = "Whose token: the customer's or user's id.")
  String sub;

  @Option(
      names = "--role",
      defaultValue = "customer",
      description = "One of: ${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
  Role role;

  @Option(
      names = "--ttl",
      defaultValue = "24h",
      paramLabel = "TIME",
      description = "Valid for (default: ${DEFAULT-VALUE}).")
  Duration ttl;

  @Option(
      names = "--data-dir",
      defaultValue = ".tidegate",
      paramLabel = "DIR",
      description = "Where 'up' keeps its data (default: ${DEFAULT-VALUE}).")
  Path dataDir;

  @Override
  public Integer call() throws IOException {
    if (sub.isBlank()) {
      throw new CommandFailure("--sub: '" + sub + "' (expected: an id)");
    }
    boolean known = DevKeys.areIn(dataDir);
    Path key = DevKeys.in(dataDir).privateKey();
    if (!known) {
      spec.commandLine()
          .getErr()
          .println(
              "tidegate: "
                  + dataDir
                  + " had no signing key, so a new one was made; a node believes it after './tidegate up' on that"
                  + " directory");
      spec.commandLine().getErr().flush();
    }
    spec.commandLine().getOut().println(DevToken.sign(key, sub, role.name(), ttl));
    spec.commandLine().getOut().flush();
    return 0;
  }
}
