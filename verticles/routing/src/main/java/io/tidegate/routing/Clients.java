package io.tidegate.routing;

import io.vertx.core.Future;
import io.vertx.core.http.HttpClientAgent;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;

/**
 * An upstream's connections, kept apart by event loop, so that a request and its answer never
 * change threads on their way. Where there are few connections all loops share them: a loop's own
 * share could be used up while another's lies idle.
 */
final class Clients {
  /** What a loop's own share has to come to. */
  private static final int FEW = 8;

  private final List<HttpClientAgent> clients;
  private final int connectionsEach;

  /**
   * @param connections to each endpoint, over all loops
   * @param loops how many event loops requests come from
   * @param client makes a client, given how many parts the upstream's bounds are divided by
   */
  Clients(int connections, int loops, IntFunction<HttpClientAgent> client) {
    int parts = Math.clamp(connections / FEW, 1, loops);
    List<HttpClientAgent> made = new ArrayList<>();
    for (int i = 0; i < parts; i++) {
      made.add(client.apply(parts));
    }
    this.clients = List.copyOf(made);
    this.connectionsEach = Math.ceilDiv(connections, parts);
  }

  /** Into how many parts the connections are divided. */
  int parts() {
    return clients.size();
  }

  /** The part that a loop, counted from 0, uses. */
  int partOf(int loop) {
    return loop % clients.size();
  }

  HttpClientAgent part(int part) {
    return clients.get(part);
  }

  /** Connections to each endpoint in one part. */
  int connectionsEach() {
    return connectionsEach;
  }

  Future<Void> close() {
    return Future.join(clients.stream().map(HttpClientAgent::close).toList()).mapEmpty();
  }
}
