package io.tidegate.edge;

import io.tidegate.ratelimit.ClientAddress;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.net.SocketAddress;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

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

  HttpConnection connection() {
    return connection;
  }
}
