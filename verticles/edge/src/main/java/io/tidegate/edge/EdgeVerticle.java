package io.tidegate.edge;

import io.vertx.core.Future;
import io.vertx.core.VerticleBase;

/**
 * The front door on one event loop: HTTP/1.1, HTTP/2 and gRPC on one port, which all instances
 * share.
 */
public final class EdgeVerticle extends VerticleBase {
  private final EdgeConfig config;
  private final EdgeContext near;

  public EdgeVerticle(EdgeConfig config, EdgeContext near) {
    this.config = config;
    this.near = near;
  }

  @Override
  public Future<?> start() {
    return Future.failedFuture(config.host() + " " + near.load().inFlight());
  }

  /** The port it listens on, once started. */
  public int port() {
    return 0;
  }
}
