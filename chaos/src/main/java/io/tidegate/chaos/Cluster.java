package io.tidegate.chaos;

import io.tidegate.chaos.NodeSettings.NodePorts;
import io.tidegate.devstack.Ports;
import java.io.IOException;
import java.net.http.HttpClient;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** The nodes of a run, counted from 1, with room for one more that joins. */
final class Cluster implements AutoCloseable {
  private final int size;
  private final Layout layout;
  private final Network network;
  private final Servers servers;
  private final NodeSettings settings;
  private final List<NodeProcess> nodes = new ArrayList<>();
  private final HttpClient client =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(Duration.ofSeconds(1))
          .build();

  private Cluster(
      int size, Layout layout, Network network, Servers servers, NodeSettings settings) {
    this.size = size;
    this.layout = layout;
    this.network = network;
    this.servers = servers;
    this.settings = settings;
    for (int node = 1; node <= size + 1; node++) {
      nodes.add(new NodeProcess(node, settings, network, client));
    }
  }

  /** A cluster of so many nodes, none of them started. */
  static Cluster of(
      int size, Layout layout, Path directory, Network network, Servers servers, ChaosLimit limit)
      throws IOException {
    List<NodePorts> ports = new ArrayList<>();
    for (int node = 1; node <= size + 1; node++) {
      ports.add(new NodePorts(Ports.free(), Ports.free(), Ports.free(), Ports.free()));
    }
    NodeSettings settings = NodeSettings.in(directory, servers, network, layout, limit, ports);
    return new Cluster(size, layout, network, servers, settings);
  }

  int size() {
    return size;
  }

  Layout layout() {
    return layout;
  }

  /** The number of the node that is there only while it joins. */
  int joiner() {
    return size + 1;
  }

  NodeProcess node(int number) {
    return nodes.get(number - 1);
  }

  Network network() {
    return network;
  }

  Servers servers() {
    return servers;
  }

  NodeSettings settings() {
    return settings;
  }

  /** The nodes that serve clients, the one that may join included. */
  List<Integer> edges() {
    List<Integer> edges = new ArrayList<>();
    for (int node = 1; node <= joiner(); node++) {
      if (settings.roles(node).contains("edge")) {
        edges.add(node);
      }
    }
    return edges;
  }

  /** Starts all nodes at once and waits until they are ready. */
  void start(Consumer<String> say) throws InterruptedException {
    for (int node = 1; node <= size; node++) {
      node(node).start();
    }
    for (int node = 1; node <= size; node++) {
      node(node).awaitReady();
      say.accept("node " + node + " is ready after " + node(node).cost());
    }
  }

  /** Waits until all nodes but the joiner are ready. */
  void awaitReady() throws InterruptedException {
    for (int node = 1; node <= size; node++) {
      node(node).awaitReady();
    }
  }

  /** Asks all nodes to leave at once and waits until they have; nobody sends them anything. */
  void leave() throws InterruptedException {
    for (int node = 1; node <= size; node++) {
      node(node).askToLeave();
    }
    for (int node = 1; node <= size; node++) {
      node(node).awaitEnd();
    }
  }

  @Override
  public void close() {
    nodes.forEach(NodeProcess::close);
    client.shutdownNow();
  }
}
