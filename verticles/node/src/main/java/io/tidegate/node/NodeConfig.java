package io.tidegate.node;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import io.tidegate.platform.Checks;
import java.time.Duration;

/** The process itself. */
@ConfigMapping(prefix = "node")
public interface NodeConfig {
  /** Event loops; 0: one for each processor. */
  @WithDefault("0")
  int eventLoops();

  /** After SIGTERM: how long what is in flight may take to finish. */
  @WithDefault("4s")
  Duration drainTimeout();

  /** After SIGTERM: how long to go on serving while balancers learn that this node is not ready. */
  @WithDefault("0s")
  Duration drainDelay();

  static void check(NodeConfig config, Checks checks) {
    checks
        .between("node.event-loops", config.eventLoops(), 0, 256)
        .positive("node.drain-timeout", config.drainTimeout())
        .expect(
            !config.drainDelay().isNegative(),
            "node.drain-delay",
            config.drainDelay(),
            "0s or more");
  }

  /** How long the whole stop may take: what is configured, and time to close what is left. */
  default Duration stopLimit() {
    Duration wanted = drainDelay().plus(drainTimeout()).plusMillis(500);
    return wanted.compareTo(Shutdown.LIMIT) > 0 ? wanted : Shutdown.LIMIT;
  }

  /** The number of event loops that it comes to. */
  default int loops() {
    return eventLoops() == 0 ? Runtime.getRuntime().availableProcessors() : eventLoops();
  }
}
