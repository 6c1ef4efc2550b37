package io.tidegate.node;

import static java.util.stream.Collectors.joining;

import io.tidegate.platform.Configuration;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Production's entry: a node by its configuration, no servers of its own. */
@Command(
    name = "node",
    mixinStandardHelpOptions = true,
    description = {
      "Starts a node; Postgres, Redis and Kafka are where the configuration says.",
      "Every key can be set by an environment variable: edge.port by TIDEGATE_EDGE_PORT, routes.demo.path of",
      "routes.yaml by TIDEGATE_ROUTES_DEMO_PATH. SIGTERM drains and stops."
    })
@SuppressWarnings("NullAway.Init") // picocli sets the fields before it calls
final class NodeCommand implements Callable<Integer> {
  @Option(
      names = "--conf",
      paramLabel = "DIR",
      defaultValue = "${sys:tidegate.home:-.}/conf",
      description = "The configuration directory (default: conf beside the launcher).")
  Path conf;

  @Option(names = "--port", paramLabel = "N", description = "Overrides edge.port.")
  @Nullable Integer port;

  @Option(names = "--management-port", paramLabel = "N", description = "Overrides management.port.")
  @Nullable Integer managementPort;

  @Option(
      names = "--roles",
      paramLabel = "ROLE",
      split = ",",
      description =
          "What this node does, of edge, ingestion, projection, routing, ratelimit, profile"
              + " (default: node.roles, else all).")
  @Nullable List<Role> roles;

  @Option(
      names = "--exit-with",
      paramLabel = "PID",
      hidden = true,
      description = "Stops in an orderly way when that process, which started it, has ended.")
  @Nullable Long exitWith;

  @Override
  public Integer call() throws Exception {
    if (exitWith != null) {
      // By its id: when it was killed already, the parent is whoever takes orphans.
      endWith(ProcessHandle.of(exitWith));
    }
    Map<String, String> overrides = new HashMap<>();
    if (port != null) {
      overrides.put("edge.port", port.toString());
    }
    if (managementPort != null) {
      overrides.put("management.port", managementPort.toString());
    }
    if (roles != null) {
      overrides.put("node.roles", roles.stream().map(Role::word).collect(joining(",")));
    }
    Configuration configuration = Sections.load(conf, System.getenv(), overrides);
    Shutdown shutdown = new Shutdown(configuration.get(NodeConfig.class).stopLimit());
    Node node = Node.start(configuration, Sections.routes(conf, System.getenv()));
    shutdown.onStop(node::close);
    shutdown.await();
    return 0;
  }

  private static void endWith(Optional<ProcessHandle> other) {
    Thread.ofPlatform()
        .daemon()
        .name("tidegate-parent")
        .start(
            () -> {
              other.ifPresent(process -> process.onExit().join());
              System.exit(0);
            });
  }
}
