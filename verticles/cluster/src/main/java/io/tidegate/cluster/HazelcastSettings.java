package io.tidegate.cluster;

import com.hazelcast.config.Config;
import com.hazelcast.config.TcpIpConfig;
import com.hazelcast.config.YamlConfigBuilder;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Properties;

/**
 * Hazelcast as Tidegate uses it: for membership only. How nodes find each other stands in {@code
 * cluster-config/}; the time limits are here, the same for all.
 */
final class HazelcastSettings {
  /**
   * Nodes of different generations don't talk: it changes when the bus changes so that old and new
   * nodes can't understand each other.
   */
  static final int GENERATION = 1;

  private static final Map<String, String> PROPERTIES =
      Map.ofEntries(
          // Peers decide by beats whom they ask; this is about who belongs to the cluster.
          Map.entry("hazelcast.heartbeat.interval.seconds", "1"),
          Map.entry("hazelcast.max.no.heartbeat.seconds", "5"),
          Map.entry("hazelcast.connection.monitor.max.faults", "1"),
          Map.entry("hazelcast.mastership.claim.timeout.seconds", "5"),
          Map.entry("hazelcast.socket.connect.timeout.seconds", "1"),
          // A node that was cut off is back within seconds, not within minutes.
          Map.entry("hazelcast.merge.first.run.delay.seconds", "5"),
          Map.entry("hazelcast.merge.next.run.delay.seconds", "5"),
          Map.entry("hazelcast.wait.seconds.before.join", "0"),
          Map.entry("hazelcast.max.wait.seconds.before.join", "1"),
          Map.entry("hazelcast.tcp.join.port.try.count", "10"),
          // No data are kept in it, so nothing has to be moved.
          Map.entry("hazelcast.partition.count", "11"),
          Map.entry("hazelcast.graceful.shutdown.max.wait", "1"),
          Map.entry("hazelcast.operation.thread.count", "2"),
          Map.entry("hazelcast.operation.generic.thread.count", "2"),
          Map.entry("hazelcast.operation.response.thread.count", "1"),
          Map.entry("hazelcast.io.thread.count", "1"),
          Map.entry("hazelcast.event.thread.count", "1"),
          Map.entry("hazelcast.shutdownhook.enabled", "false"),
          Map.entry("hazelcast.phone.home.enabled", "false"),
          Map.entry("hazelcast.logging.type", "slf4j"),
          Map.entry("hazelcast.socket.bind.any", "false"));

  private HazelcastSettings() {}

  /**
   * The settings of one node.
   *
   * @throws IOException when the file that {@code cluster.join} names can't be read
   */
  static Config of(ClusterConfig cluster, String by) throws IOException {
    Properties values = new Properties();
    values.setProperty("cluster.name", name(cluster));
    values.setProperty("cluster.host", cluster.host());
    values.setProperty("cluster.port", Integer.toString(cluster.port()));
    values.setProperty("cluster.kubernetes-service", cluster.kubernetesService().orElse(""));
    Config config;
    try (InputStream file = open(by)) {
      config = new YamlConfigBuilder(file).setProperties(values).build();
    }
    PROPERTIES.forEach(
        (name, value) -> {
          if (config.getProperty(name) == null) {
            config.setProperty(name, value);
          }
        });
    TcpIpConfig addresses = config.getNetworkConfig().getJoin().getTcpIpConfig();
    if (by.equals("members")) {
      addresses.setMembers(cluster.members().orElseThrow());
    }
    config.getJetConfig().setEnabled(false);
    config.getMetricsConfig().setEnabled(false);
    return config;
  }

  /** What Hazelcast calls the cluster: strangers by name or by generation stay out. */
  static String name(ClusterConfig cluster) {
    return cluster.name() + "-bus" + GENERATION;
  }

  private static InputStream open(String by) throws IOException {
    InputStream known =
        HazelcastSettings.class.getResourceAsStream("/cluster-config/" + by + ".yaml");
    if (known != null) {
      return known;
    }
    Path own = Path.of(by);
    if (!Files.isReadable(own)) {
      throw new FileNotFoundException(
          "cluster.join: "
              + by
              + " (expected: one-machine, members, kubernetes, or a Hazelcast YAML file)");
    }
    return Files.newInputStream(own);
  }
}
