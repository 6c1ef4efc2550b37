package io.tidegate.chaos;

import io.tidegate.devstack.DevStack;
import io.tidegate.devstack.KafkaServer;
import io.tidegate.devstack.Ports;
import io.tidegate.devstack.SampleUpstream;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Postgres, Redis, Kafka and a sample upstream, each behind one relay per node, so that any node
 * can be cut off from any of them.
 */
final class Servers implements AutoCloseable {
  /** What a node can be cut off from. */
  enum Server {
    REDIS,
    POSTGRES,
    KAFKA
  }

  private final DevStack stack;
  private final Relay upstream;
  private final List<Map<Server, Relay>> relays;

  private Servers(DevStack stack, Relay upstream, List<Map<Server, Relay>> relays) {
    this.stack = stack;
    this.upstream = upstream;
    this.relays = relays;
  }

  static Servers start(Vertx vertx, Network network, int nodes, DevStack.Listener listener)
      throws InterruptedException {
    List<Map<Server, Relay>> relays = new ArrayList<>();
    List<KafkaServer.Door> doors = new ArrayList<>();
    for (int node = 1; node <= nodes; node++) {
      Map<Server, Relay> own = new EnumMap<>(Server.class);
      for (Server server : Server.values()) {
        own.put(server, Relay.on(network.gateway()));
      }
      relays.add(own);
      Relay kafka = relay(own, Server.KAFKA);
      KafkaServer.Door door = new KafkaServer.Door(Ports.free(), kafka.address());
      doors.add(door);
      kafka.to(door.port());
    }
    DevStack stack =
        DevStack.ephemeral().synced(false).kafkaDoors(doors).listener(listener).start();
    relays.forEach(
        own -> {
          relay(own, Server.POSTGRES).to(URI.create(stack.postgresUri()).getPort());
          relay(own, Server.REDIS).to(URI.create(stack.redisUri()).getPort());
        });
    Relay upstream = Relay.on(network.gateway());
    Servers servers = new Servers(stack, upstream, relays);
    try {
      upstream.to(deployUpstream(vertx));
      return servers;
    } catch (ExecutionException | TimeoutException e) {
      servers.close();
      throw new ChaosFailure("the sample upstream did not start: " + e);
    } catch (InterruptedException e) {
      servers.close();
      throw e;
    }
  }

  private static int deployUpstream(Vertx vertx)
      throws InterruptedException, ExecutionException, TimeoutException {
    SampleUpstream sample = new SampleUpstream("sample-1", 0);
    vertx
        .deployVerticle(sample)
        .toCompletionStage()
        .toCompletableFuture()
        .get(10, TimeUnit.SECONDS);
    return sample.port();
  }

  private static Relay relay(Map<Server, Relay> own, Server server) {
    Relay relay = own.get(server);
    if (relay == null) {
      throw new IllegalStateException("no relay to " + server);
    }
    return relay;
  }

  /** What stands between a node and a server. */
  Relay relay(int node, Server server) {
    return relay(relays.get(node - 1), server);
  }

  /** Postgres itself, for checking the books. */
  String postgresUri() {
    return stack.postgresUri();
  }

  String postgresUri(int node) {
    return through(stack.postgresUri(), node, Server.POSTGRES);
  }

  String redisUri(int node) {
    return through(stack.redisUri(), node, Server.REDIS);
  }

  String kafkaServers(int node) {
    return relay(node, Server.KAFKA).address();
  }

  String upstreamUrl() {
    return "http://" + upstream.address();
  }

  private String through(String uri, int node, Server server) {
    URI direct = URI.create(uri);
    return uri.replace(direct.getHost() + ":" + direct.getPort(), relay(node, server).address());
  }

  @Override
  public void close() {
    relays.forEach(own -> own.values().forEach(Servers::close));
    close(upstream);
    stack.close();
  }

  private static void close(Relay relay) {
    try {
      relay.close();
    } catch (IOException e) {
      // A listener that can't be closed ends with the process.
    }
  }
}
