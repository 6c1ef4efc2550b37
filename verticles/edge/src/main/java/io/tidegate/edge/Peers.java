package io.tidegate.edge;

import io.tidegate.ratelimit.ClientAddress;
import io.vertx.core.http.HttpConnection;
import java.util.ArrayList;
import java.util.IdentityHashMap;

/**
 * The connections of one event loop; used only there. Closes those that are without a request for
 * too long.
 */
final class Peers {
  private final ClientAddress addresses;
  private final long keepAliveNanos;
  private final IdentityHashMap<HttpConnection, Peer> byConnection = new IdentityHashMap<>();

  Peers(EdgeConfig config, ClientAddress addresses) {
    this.addresses = addresses;
    this.keepAliveNanos = config.keepAlive().toNanos();
  }

  void opened(HttpConnection connection) {
    byConnection.put(connection, new Peer(connection, addresses, System.nanoTime()));
    connection.closeHandler(closed -> byConnection.remove(connection));
  }

  Peer of(HttpConnection connection) {
    Peer peer = byConnection.get(connection);
    return peer == null ? new Peer(connection, addresses, System.nanoTime()) : peer;
  }

  /**
   * Closes what is quiet for longer than the keep-alive: drip-fed request heads too, since they are
   * no requests yet.
   */
  void sweep(long now) {
    var quiet = new ArrayList<Peer>();
    for (Peer peer : byConnection.values()) {
      if (peer.quietFor(keepAliveNanos, now)) {
        quiet.add(peer);
      }
    }
    quiet.forEach(peer -> peer.connection().close());
  }

  int size() {
    return byConnection.size();
  }
}
