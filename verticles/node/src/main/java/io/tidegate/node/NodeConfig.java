package io.tidegate.node;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import io.tidegate.platform.Checks;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;

/** The process itself. */
@ConfigMapping(prefix = "node")
public interface NodeConfig {
  /** What ops call this node, in metrics and in /cluster; without it, the host's name. */
  Optional<String> name();

  /** What this node does: any of edge, ingestion, projection, routing, ratelimit, profile. */
  @WithDefault("edge,ingestion,projection,routing,ratelimit,profile")
  Set<Role> roles();

  /** Event loops; 0: one for each processor. */
  @WithDefault("0")
  int eventLoops();

  /**
   * How sockets are served: io_uring, epoll, nio (the JDK's own), or auto, the first of them that
   * the machine offers.
   */
  @WithDefault("auto")
  SocketTransport transport();

  /** After SIGTERM: how long what is in flight may take to finish. */
  @WithDefault("4s")
  Duration drainTimeout();

  /** After SIGTERM: how long to go on serving while balancers learn that this node is not ready. */
  @WithDefault("0s")
  Duration drainDelay();

  static void check(NodeConfig config, Checks checks) {
    checks
        .expect(
            config.called().matches("[A-Za-z0-9][A-Za-z0-9._-]{0,62}"),
            "node.name",
            config.called(),
            "up to 63 letters, digits, dots, dashes and underscores")
        .between("node.event-loops", config.eventLoops(), 0, 256)
        .positive("node.drain-timeout", config.drainTimeout())
        .expect(
            !config.drainDelay().isNegative(),
            "node.drain-delay",
            config.drainDelay(),
            "0s or more");
  }

  /** {@link #name}, or the host's. */
  default String called() {
    return name().orElseGet(NodeConfig::hostName);
  }

  private static String hostName() {
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException e) {
      return "node";
    }
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
