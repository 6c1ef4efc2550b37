package io.tidegate.cluster;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.net.SocketAddress;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** Where the other nodes of a cluster should be, by the way of joining. */
sealed interface Places {
  /** As {@code cluster-config/one-machine.yaml} has it: {@code port-count}. */
  int PORTS_OF_ONE_MACHINE = 10;

  /**
   * Where they are as of now.
   *
   * @return fails with what is wrong and what to do when there are none, though there should be
   */
  Future<Found> find(Vertx vertx);

  /**
   * Places to look at.
   *
   * @param source what lists them, in words
   */
  record Found(String source, List<SocketAddress> others) {}

  /**
   * Those of one node.
   *
   * @param by {@link ClusterConfig#joinBy}
   * @param port where this node's membership listens
   */
  static Places of(ClusterConfig cluster, String by, int port) {
    return switch (by) {
      case "members" -> Listed.of(cluster.members().orElseThrow(), cluster.host(), port);
      case "one-machine" -> new OneMachine(cluster.port(), port);
      case "kubernetes" ->
          new Service(cluster.kubernetesService().orElseThrow(), cluster.host(), cluster.port());
      default -> new Listed(List.of());
    };
  }

  /** Addresses that were configured. */
  record Listed(List<SocketAddress> others) implements Places {
    static Listed of(List<String> members, String host, int port) {
      String own = host + ':' + port;
      List<SocketAddress> others = new ArrayList<>();
      for (String member : members) {
        String address = member.contains(":") ? member : member + ":5701";
        if (!address.equals(own)) {
          int colon = address.lastIndexOf(':');
          others.add(
              SocketAddress.inetSocketAddress(
                  Integer.parseInt(address.substring(colon + 1)), address.substring(0, colon)));
        }
      }
      return new Listed(List.copyOf(others));
    }

    @Override
    public Future<Found> find(Vertx vertx) {
      return Future.succeededFuture(new Found("cluster.members", others));
    }
  }

  /**
   * The ports of this machine that nodes take.
   *
   * @param first the first one
   * @param own the one this node has
   */
  record OneMachine(int first, int own) implements Places {
    @Override
    public Future<Found> find(Vertx vertx) {
      int last = Math.min(first + PORTS_OF_ONE_MACHINE - 1, 65_535);
      return Future.succeededFuture(
          new Found(
              "one-machine, ports %d to %d".formatted(first, last),
              IntStream.rangeClosed(first, last)
                  .filter(port -> port != own)
                  .mapToObj(port -> SocketAddress.inetSocketAddress(port, "127.0.0.1"))
                  .toList()));
    }
  }

  /**
   * The pods that a headless service lists.
   *
   * @param name its DNS name
   * @param host this node's address
   * @param port where membership listens on all of them
   */
  record Service(String name, String host, int port) implements Places {
    private static final String EXPECTED =
        "(expected: a headless service, clusterIP: None, whose selector matches the pods, with"
            + " publishNotReadyAddresses: true)";

    @Override
    public Future<Found> find(Vertx vertx) {
      return vertx.executeBlocking(this::find, false);
    }

    private Found find() throws UnknownHostException {
      List<String> listed = new ArrayList<>();
      try {
        for (InetAddress address : InetAddress.getAllByName(name)) {
          listed.add(address.getHostAddress());
        }
      } catch (UnknownHostException e) {
        throw new UnknownHostException(source() + " does not resolve " + EXPECTED);
      }
      String own = InetAddress.getByName(host).getHostAddress();
      if (listed.equals(List.of(own))) {
        throw new UnknownHostException(source() + " lists this node only " + EXPECTED);
      }
      return new Found(
          "%s lists %d addresses%s"
              .formatted(
                  source(),
                  listed.size(),
                  listed.contains(own) ? "" : ", cluster.host " + host + " not among them"),
          listed.stream()
              .filter(address -> !address.equals(own))
              .map(address -> SocketAddress.inetSocketAddress(port, address))
              .toList());
    }

    private String source() {
      return "cluster.kubernetes-service " + name;
    }
  }
}
