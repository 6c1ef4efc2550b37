package io.tidegate.routing;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.net.ConnectOptions;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetClientOptions;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.ToIntFunction;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An upstream's connections, kept apart by event loop, so that a request and its answer never
 * change threads on their way. Where there are few connections all loops share them: a loop's own
 * share could be used up while another's lies idle.
 */
final class Connections {
  private static final Logger log = LoggerFactory.getLogger(Connections.class);

  /** What a loop's own share has to come to. */
  private static final int FEW = 8;

  private static final Duration CLOSE_LIMIT = Duration.ofSeconds(2);
  private static final long EVICT_MILLIS = 500;

  private final Vertx vertx;
  private final NetClient sockets;
  private final List<Map<Endpoint, ConnectionPool>> parts;
  private final ConnectionPool.Bounds bounds;
  private final long evicting;

  /**
   * @param connections to each endpoint, over all loops
   * @param loops how many event loops requests come from
   * @param queue how many requests may wait for a connection to an endpoint, over all loops
   */
  Connections(
      Vertx vertx,
      NetClientOptions options,
      int connections,
      int loops,
      int queue,
      int maxResponseHead,
      Duration keepAlive) {
    int number = Math.clamp(connections / FEW, 1, loops);
    this.vertx = vertx;
    this.sockets = vertx.createNetClient(options);
    this.parts =
        Stream.<Map<Endpoint, ConnectionPool>>generate(ConcurrentHashMap::new)
            .limit(number)
            .toList();
    this.bounds =
        new ConnectionPool.Bounds(
            Math.ceilDiv(connections, number),
            Math.ceilDiv(queue, number),
            maxResponseHead,
            keepAlive.toNanos());
    this.evicting = vertx.setPeriodic(EVICT_MILLIS, tick -> evict());
  }

  /** Into how many parts the connections are divided. */
  int parts() {
    return parts.size();
  }

  /** The part that a loop, counted from 0, uses. */
  int partOf(int loop) {
    return loop % parts.size();
  }

  /** A part's connections to an endpoint; closed ones to an endpoint that was dropped. */
  ConnectionPool part(int part, Endpoint endpoint) {
    Map<Endpoint, ConnectionPool> pools = parts.get(part);
    ConnectionPool known = pools.get(endpoint);
    if (known != null) {
      return known;
    }
    if (endpoint.isDropped()) {
      ConnectionPool none = poolTo(endpoint);
      none.close();
      return none;
    }
    return pools.computeIfAbsent(endpoint, this::poolTo);
  }

  private ConnectionPool poolTo(Endpoint endpoint) {
    return new ConnectionPool(bounds, () -> sockets.connect(optionsFor(endpoint)));
  }

  private static ConnectOptions optionsFor(Endpoint endpoint) {
    return new ConnectOptions()
        .setHost(endpoint.host())
        .setPort(endpoint.port())
        .setSsl(endpoint.tls());
  }

  /** Connections to an endpoint over all parts, being opened or open. */
  int open(Endpoint endpoint) {
    return sum(endpoint, ConnectionPool::open);
  }

  /** Requests that wait for a connection to an endpoint. */
  int waiting(Endpoint endpoint) {
    return sum(endpoint, ConnectionPool::waiting);
  }

  private int sum(Endpoint endpoint, ToIntFunction<ConnectionPool> number) {
    int sum = 0;
    for (Map<Endpoint, ConnectionPool> pools : parts) {
      ConnectionPool pool = pools.get(endpoint);
      sum += pool == null ? 0 : number.applyAsInt(pool);
    }
    return sum;
  }

  /** Closes the connections to endpoints that are no longer asked. */
  void drop(Collection<Endpoint> endpoints) {
    endpoints.forEach(Endpoint::drop);
    for (Map<Endpoint, ConnectionPool> pools : parts) {
      for (Endpoint endpoint : endpoints) {
        ConnectionPool pool = pools.remove(endpoint);
        if (pool != null) {
          pool.close();
        }
      }
    }
  }

  private void evict() {
    parts.forEach(pools -> pools.values().forEach(ConnectionPool::evict));
  }

  /** Closes the connections; waits a little for the last, and goes on without it. */
  Future<Void> close() {
    vertx.cancelTimer(evicting);
    parts.forEach(pools -> pools.values().forEach(ConnectionPool::close));
    return sockets
        .close()
        .timeout(CLOSE_LIMIT.toMillis(), TimeUnit.MILLISECONDS)
        .onFailure(cause -> log.warn("connections to an upstream were not closed in time", cause))
        .otherwiseEmpty();
  }
}
