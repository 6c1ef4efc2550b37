package io.tidegate.routing;

import io.micrometer.core.instrument.MeterRegistry;
import io.tidegate.bus.Bus;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpMethod;
import org.jspecify.annotations.Nullable;

/**
 * The near side of routing: the route table in force, on every node. One instance a node, safe from
 * any thread.
 */
public final class Routes {
  public Routes(Bus bus, Vertx vertx, RoutingConfig config, MeterRegistry meters) {}

  /**
   * Starts to listen for tables and asks for the one in force. Completes also when no far side
   * answered yet: it goes on asking, and {@link #ready()} tells.
   */
  public Future<Void> start() {
    return Future.succeededFuture();
  }

  /**
   * The route of a request, or null when none matches.
   *
   * @param host the authority's host, with or without port
   * @param path the path as it was sent, still encoded, without query
   * @throws io.tidegate.bus.FailureException {@code BAD_REQUEST} for a path that upstreams may read
   *     in two ways
   */
  public @Nullable Route match(String host, String path, HttpMethod method, MultiMap headers) {
    return null;
  }

  /** Whether a table is in force. */
  public boolean ready() {
    return false;
  }

  /** The version of the table in force; 0 before the first. */
  public long version() {
    return 0;
  }

  /** Stops listening and closes the connections to upstreams. */
  public Future<Void> close() {
    return Future.succeededFuture();
  }
}
