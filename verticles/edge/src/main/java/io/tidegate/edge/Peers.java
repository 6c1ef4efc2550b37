package io.tidegate.edge;

import io.netty.handler.codec.http2.Http2ConnectionHandler;
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
  private final EdgeLoop loop;
  private final long keepAliveNanos;
  private final int maxStreams;
  private final IdentityHashMap<HttpConnection, Peer> byConnection = new IdentityHashMap<>();

  Peers(EdgeConfig config, EdgeLoop loop, ClientAddress addresses) {
    this.loop = loop;
    this.maxStreams = config.maxStreams();
    this.addresses = addresses;
    this.keepAliveNanos = config.keepAlive().toNanos();
  }

  void opened(HttpConnection connection) {
    Peer peer = new Peer(connection, addresses, System.nanoTime());
    byConnection.put(connection, peer);
    // The requests under way learn of it by themselves; Vert.x would log it as an error.
    connection.exceptionHandler(broken -> {});
    connection.closeHandler(
        closed -> {
          byConnection.remove(connection);
          // Each tells on its own that it is over, unless something went wrong on the way.
          loop.vertx().runOnContext(later -> peer.underWay().forEach(loop::ended));
        });
    boundStreams(peer);
  }

  /**
   * Has streams beyond the limit refused from the first on: Netty counts them only when the client
   * has acknowledged the settings that tell it the limit, which one may never do.
   */
  private void boundStreams(Peer peer) {
    Http2ConnectionHandler http2 = peer.http2();
    if (http2 != null) {
      http2.connection().remote().maxActiveStreams(maxStreams);
    }
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

  /** The node is about to stop. */
  void goAway() {
    byConnection.values().forEach(Peer::goAway);
  }

  /** The connections are about to be closed. */
  void goAwayNow() {
    byConnection.values().forEach(Peer::goAwayNow);
  }

  int size() {
    return byConnection.size();
  }
}
