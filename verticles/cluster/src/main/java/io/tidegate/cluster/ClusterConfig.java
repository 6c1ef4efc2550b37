package io.tidegate.cluster;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import io.tidegate.platform.Checks;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Optional;

/** How this node finds the others, and how they talk. */
@ConfigMapping(prefix = "cluster")
public interface ClusterConfig {
  /** Nodes of another name are strangers. */
  @WithDefault("tidegate")
  String name();

  /**
   * {@code one-machine}, {@code members}, {@code kubernetes}, or a Hazelcast YAML file of your own.
   * Without it: {@code members} when {@code cluster.members} is set, {@code kubernetes} when {@code
   * cluster.kubernetes-service} is, else the node stays alone.
   */
  Optional<String> join();

  /** Addresses of nodes, {@code host:port}; some of them are enough. */
  Optional<List<String>> members();

  /** DNS name of the headless service that lists the pods. */
  Optional<String> kubernetesService();

  /** The address of this machine that other nodes reach; membership and the bus listen on it. */
  @WithDefault("127.0.0.1")
  String host();

  /** Where membership listens. */
  @WithDefault("5701")
  int port();

  /** Where the event bus listens; 0: any free port. */
  @WithDefault("0")
  int busPort();

  /** Certificates of the event bus, by which nodes prove to each other who they are. */
  Tls tls();

  /** Whether the event bus may run without certificates on an address that others reach. */
  @WithDefault("false")
  boolean insecure();

  /** PEM files; all three or none. */
  interface Tls {
    Optional<String> certificate();

    Optional<String> key();

    /** The authority that signed all nodes' certificates; any other is refused. */
    Optional<String> ca();

    default boolean configured() {
      return certificate().isPresent() && key().isPresent() && ca().isPresent();
    }

    private long given() {
      return List.of(certificate(), key(), ca()).stream().filter(Optional::isPresent).count();
    }
  }

  /** How nodes find each other, or empty for a node that stays alone. */
  default Optional<String> joinBy() {
    return join()
        .or(() -> members().isPresent() ? Optional.of("members") : Optional.empty())
        .or(() -> kubernetesService().isPresent() ? Optional.of("kubernetes") : Optional.empty());
  }

  static void check(ClusterConfig config, Checks checks) {
    String by = config.joinBy().orElse("");
    checks
        .between("cluster.port", config.port(), 1, 65_535)
        .between("cluster.bus-port", config.busPort(), 0, 65_535)
        .expect(!config.name().isBlank(), "cluster.name", config.name(), "a name")
        .expect(
            !by.equals("members") || config.members().isPresent(),
            "cluster.members",
            "",
            "host:port of nodes, since cluster.join is members")
        .expect(
            !by.equals("kubernetes") || config.kubernetesService().isPresent(),
            "cluster.kubernetes-service",
            "",
            "the DNS name of a headless service, since cluster.join is kubernetes")
        .expect(
            config.tls().given() % 3 == 0,
            "cluster.tls",
            config.tls().given() + " of 3 keys",
            "certificate, key and ca, or none of them");
    config
        .members()
        .ifPresent(
            members ->
                members.forEach(
                    member ->
                        checks.expect(
                            member.matches("[^:\\s]+(:\\d{1,5})?"),
                            "cluster.members",
                            member,
                            "host:port")));
    if (!by.isEmpty()) {
      checks.expect(
          config.tls().configured() || config.insecure() || isLoopback(config.host()),
          "cluster.host",
          config.host(),
          "127.0.0.1, or cluster.tls.certificate, key and ca, or cluster.insecure: true, since the"
              + " event bus carries customers' data");
    }
  }

  private static boolean isLoopback(String host) {
    try {
      return InetAddress.getByName(host).isLoopbackAddress();
    } catch (UnknownHostException e) {
      return false;
    }
  }
}
