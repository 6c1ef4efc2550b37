package io.tidegate.chaos;

import io.tidegate.simulate.DevToken;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** What the nodes of a run are told: files that all share, and an environment for each. */
final class NodeSettings {
  static final String WRITE_KEY = "chaos";

  /** While a leaving node goes on serving: longer than clients take to see that it is not ready. */
  private static final String DRAIN_DELAY = "600ms";

  private static final String ROUTES =
      """
      upstreams:
        sample:
          endpoints:
            - ${sample.upstream.url}
      routes:
        open:
          path: /open/*
          upstream: sample
          auth: none
          strip-prefix: /open
        limited:
          path: /limited/*
          upstream: sample
          auth: none
          strip-prefix: /limited
      """;

  private final Path directory;
  private final Servers servers;
  private final Network network;
  private final Layout layout;
  private final List<NodePorts> ports;

  /** Where a node listens, the same after every start. */
  record NodePorts(int http, int management, int cluster, int clusterBus) {}

  private NodeSettings(
      Path directory, Servers servers, Network network, Layout layout, List<NodePorts> ports) {
    this.directory = directory;
    this.servers = servers;
    this.network = network;
    this.layout = layout;
    this.ports = List.copyOf(ports);
  }

  /** Writes the files. */
  static NodeSettings in(
      Path directory,
      Servers servers,
      Network network,
      Layout layout,
      ChaosLimit limit,
      List<NodePorts> ports)
      throws IOException {
    Files.writeString(directory.resolve("tidegate.yaml"), "");
    Files.writeString(directory.resolve("limits.yaml"), limit.yaml());
    Files.writeString(directory.resolve("routes.yaml"), ROUTES);
    DevToken.createKey(directory.resolve(DevToken.KEY_FILE), directory.resolve(DevToken.JWKS_FILE));
    return new NodeSettings(directory, servers, network, layout, ports);
  }

  Path directory() {
    return directory;
  }

  /** A token to read any profile with. */
  String token() throws IOException {
    Path key = directory.resolve(DevToken.KEY_FILE);
    return DevToken.sign(key, "chaos", "agent", Duration.ofDays(2));
  }

  String url(int node) {
    return "http://" + network.address(node) + ":" + ports.get(node - 1).http();
  }

  String managementUrl(int node) {
    return "http://" + network.address(node) + ":" + ports.get(node - 1).management();
  }

  List<String> roles(int node) {
    return layout.roles(node, ports.size());
  }

  /** Options of a node's command line. */
  List<String> arguments(int node) {
    NodePorts own = ports.get(node - 1);
    return List.of(
        "node",
        "--conf",
        directory.toString(),
        "--port",
        Integer.toString(own.http()),
        "--management-port",
        Integer.toString(own.management()));
  }

  /** System properties of a node's process. */
  List<String> properties() {
    List<String> properties = new ArrayList<>();
    properties.add("-Dsample.upstream.url=" + servers.upstreamUrl());
    String home = System.getProperty("tidegate.home");
    if (home != null) {
      properties.add("-Dtidegate.home=" + home);
    }
    return properties;
  }

  Map<String, String> environment(int node) {
    Map<String, String> environment = new HashMap<>();
    environment.put("TIDEGATE_MANAGEMENT_HOST", network.address(node));
    environment.put("TIDEGATE_AUTH_JWKS", directory.resolve(DevToken.JWKS_FILE).toString());
    environment.put("TIDEGATE_AUTH_ISSUER", DevToken.ISSUER);
    environment.put("TIDEGATE_AUTH_AUDIENCE", DevToken.AUDIENCE);
    environment.put("TIDEGATE_AUTH_WRITE_KEYS_CHAOS", WRITE_KEY);
    environment.put("TIDEGATE_NODE_DRAIN_DELAY", DRAIN_DELAY);
    environment.put("TIDEGATE_POSTGRES_URI", servers.postgresUri(node));
    environment.put("TIDEGATE_REDIS_URI", servers.redisUri(node));
    environment.put("TIDEGATE_KAFKA_SERVERS", servers.kafkaServers(node));
    NodePorts own = ports.get(node - 1);
    environment.put("TIDEGATE_NODE_NAME", "node-" + node);
    environment.put("TIDEGATE_NODE_ROLES", String.join(",", roles(node)));
    environment.put("TIDEGATE_CLUSTER_NAME", "chaos-" + ProcessHandle.current().pid());
    environment.put("TIDEGATE_CLUSTER_HOST", network.address(node));
    environment.put("TIDEGATE_CLUSTER_INSECURE", "true"); // the bridge ends at this machine
    environment.put("TIDEGATE_CLUSTER_PORT", Integer.toString(own.cluster()));
    environment.put("TIDEGATE_CLUSTER_BUS_PORT", Integer.toString(own.clusterBus()));
    environment.put("TIDEGATE_CLUSTER_MEMBERS", members());
    return environment;
  }

  private String members() {
    return IntStream.rangeClosed(1, ports.size())
        .mapToObj(node -> network.address(node) + ":" + ports.get(node - 1).cluster())
        .collect(Collectors.joining(","));
  }
}
