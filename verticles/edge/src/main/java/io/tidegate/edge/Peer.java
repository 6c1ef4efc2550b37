package io.tidegate.edge;

import io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.tidegate.ratelimit.ClientAddress;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.net.SocketAddress;
import io.vertx.core.net.impl.ConnectionBase;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The other end of one connection: its address, whether its word counts, and since when it is
 * quiet.
 */
final class Peer {
  private static final List<String> TEST_HOP = List.of("192.0.2.1");

  private final HttpConnection connection;
  private final ClientAddress addresses;
  private final String socket;
  private final String subject;
  private final boolean trusted;
  private final Set<Exchange> active = new HashSet<>(2);
  private long quietSince;
  private boolean goesAway;

  Peer(HttpConnection connection, ClientAddress addresses, long now) {
    this.connection = connection;
    this.addresses = addresses;
    SocketAddress remote = connection.remoteAddress();
    String address = remote == null ? null : remote.hostAddress();
    this.socket = address == null ? "0.0.0.0" : address;
    this.subject = ClientAddress.subject(socket);
    // ClientAddress believes a hop only from a proxy it trusts.
    this.trusted = addresses.of(socket, TEST_HOP, List.of()).equals(TEST_HOP.getFirst());
    this.quietSince = now;
  }

  /** The client's address: this end's, or what it says of it when it is a trusted proxy. */
  String addressOf(MultiMap headers) {
    return trusted
        ? addresses.of(socket, headers.getAll("x-forwarded-for"), headers.getAll("forwarded"))
        : socket;
  }

  /** What the client's address counts as, for limits. */
  String subjectOf(MultiMap headers) {
    return trusted ? ClientAddress.subject(addressOf(headers)) : subject;
  }

  /** A proxy by configuration. */
  boolean trusted() {
    return trusted;
  }

  void requestBegins(Exchange exchange) {
    active.add(exchange);
  }

  /** Gives whether it was under way. */
  boolean requestEnds(Exchange exchange, long now) {
    quietSince = now;
    return active.remove(exchange);
  }

  /** Requests under way: those that were neither answered nor left. */
  List<Exchange> underWay() {
    return List.copyOf(active);
  }

  /** Whether it had no request for so long. */
  boolean quietFor(long nanos, long now) {
    return active.isEmpty() && now - quietSince > nanos;
  }

  /**
   * Asks an HTTP/2 client to begin no more streams here. Those that it has sent, or is sending
   * while this is on its way, are served all the same: which stream is the last is told at the
   * connection's end (RFC 9113, 6.8).
   */
  void goAway() {
    if (!goesAway && http2() != null) {
      goesAway = true;
      connection.goAway(0, Integer.MAX_VALUE);
    }
  }

  /** Tells an HTTP/2 client which of its streams is the last that is served. */
  void goAwayNow() {
    if (http2() != null) {
      goesAway = true;
      connection.goAway(0);
    }
  }

  /** What speaks HTTP/2 with it; null when it speaks HTTP/1.1. */
  @Nullable Http2ConnectionHandler http2() {
    return connection instanceof ConnectionBase base
            && base.channelHandlerContext().handler() instanceof Http2ConnectionHandler handler
        ? handler
        : null;
  }

  HttpConnection connection() {
    return connection;
  }
}
