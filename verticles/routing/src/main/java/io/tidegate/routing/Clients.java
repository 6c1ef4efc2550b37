package io.tidegate.routing;

import io.vertx.core.Future;
import io.vertx.core.http.HttpClientAgent;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.IntFunction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An upstream's connections, kept apart by event loop, so that a request and its answer never
 * change threads on their way. Where there are few connections all loops share them: a loop's own
 * share could be used up while another's lies idle.
 */
final class Clients {
  private static final Logger log = LoggerFactory.getLogger(Clients.class);

  /** What a loop's own share has to come to. */
  private static final int FEW = 8;

  /** Vert.x's client waits for ever, now and then, for a connection that was reset meanwhile. */
  private static final Duration CLOSE_LIMIT = Duration.ofSeconds(2);

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

  /** Closes the connections; waits a little for the last, and goes on without it. */
  Future<Void> close() {
    return Future.join(clients.stream().map(HttpClientAgent::close).toList())
        .timeout(CLOSE_LIMIT.toMillis(), TimeUnit.MILLISECONDS)
        .<Void>mapEmpty()
        .onFailure(cause -> log.warn("connections to an upstream were not closed in time", cause))
        .otherwiseEmpty();
  }
}
