package io.tidegate.edge;

import io.tidegate.ratelimit.ClientAddress;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.http.Http2Settings;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The front door on one event loop: HTTP/1.1, HTTP/2 and gRPC on one port, which all instances
 * share.
 *
 * <p>Undeploying it asks clients to go away, serves for a moment what they send before they have
 * heard of it, stops accepting and closes what is idle, waits for what is under way up to the
 * configured limit, and closes.
 */
public final class EdgeVerticle extends VerticleBase {
  private static final Logger log = LoggerFactory.getLogger(EdgeVerticle.class);
  private static final long TICK_MS = 250;

  /** Longer than a client in the same data centre needs to hear that it should go away. */
  private static final long FAREWELL_MS = 100;

  private final EdgeConfig config;
  private final EdgeContext near;
  private @Nullable HttpServer server;
  private ConnectionGuard.@Nullable Watch guard;
  private @Nullable Peers clients;
  private boolean closing;

  public EdgeVerticle(EdgeConfig config, EdgeContext near) {
    this.config = config;
    this.near = near;
  }

  @Override
  public Future<?> start() {
    EdgeLoop loop = new EdgeLoop(vertx, config, near.load(), new EdgeMetrics(near.registry()));
    Peers peers =
        new Peers(config, loop, new ClientAddress(config.trustedProxies().orElse(List.of())));
    clients = peers;
    Bodies bodies = new Bodies(config);
    Pipeline pipeline = new Pipeline(config, near, loop, peers, bodies, context);
    vertx.setPeriodic(
        TICK_MS,
        tick -> {
          long now = System.nanoTime();
          loop.tick();
          bodies.sweep(now);
          pipeline.tick();
          peers.sweep(now);
          ConnectionGuard.Watch watched = guard;
          if (closing && watched != null) {
            watched.closeUnused();
          }
        });
    near.load().onDrain(() -> context.runOnContext(draining -> peers.goAway()));
    return ServerTls.in(options(), config, vertx)
        .compose(options -> listen(options, peers, pipeline));
  }

  private Future<?> listen(HttpServerOptions options, Peers peers, Pipeline pipeline) {
    HttpServer http =
        vertx
            .createHttpServer(options)
            .connectionHandler(peers::opened)
            .requestHandler(pipeline::handle)
            .invalidRequestHandler(pipeline::handleInvalid);
    server = http;
    if (config.port() > 0) { // before the first connection can come
      guard = ConnectionGuard.watch(config.port(), near.load(), config, options);
    }
    return http.listen()
        .onFailure(
            taken -> {
              ConnectionGuard.Watch watched = guard;
              if (watched != null) {
                watched.end();
              }
            })
        .onSuccess(
            listening -> {
              guard = ConnectionGuard.watch(listening.actualPort(), near.load(), config, options);
              if (!ConnectionGuard.isLoaded()) {
                log.atWarn()
                    .addKeyValue("port", listening.actualPort())
                    .log(
                        "connections are neither counted nor timed, and broken framing is not refused: ConnectionGuard.install() came too late");
              }
            });
  }

  @Override
  public Future<?> stop() {
    near.load().startDraining();
    HttpServer http = server;
    if (http == null) {
      return Future.succeededFuture();
    }
    ConnectionGuard.Watch watched = guard;
    long farewell = Math.min(FAREWELL_MS, config.drainTimeout().toMillis() / 4);
    return vertx
        .timer(Math.max(1, farewell))
        .compose(
            heard -> {
              closing = true;
              return watched == null ? Future.succeededFuture() : watched.closeListener(context);
            })
        .compose(
            closed -> {
              if (clients != null) {
                clients.goAwayNow();
              }
              return http.shutdown(
                  config.drainTimeout().toMillis() - farewell, TimeUnit.MILLISECONDS);
            })
        .onComplete(
            closed -> {
              if (watched != null) {
                watched.end();
              }
            });
  }

  /** The port it listens on, once started. */
  public int port() {
    HttpServer http = server;
    return http == null ? 0 : http.actualPort();
  }

  private HttpServerOptions options() {
    HttpServerOptions options =
        new HttpServerOptions()
            .setHost(config.host())
            .setPort(config.port())
            .setAcceptBacklog(4_096)
            .setTcpNoDelay(true)
            .setMaxInitialLineLength(config.maxRequestLineBytes())
            .setMaxHeaderSize(config.maxHeaderBytes())
            .setDecompressionSupported(false)
            .setCompressionSupported(false)
            .setHandle100ContinueAutomatically(false)
            // Nobody upgrades here; without these, two handlers fewer look at each message.
            .setPerFrameWebSocketCompressionSupported(false)
            .setPerMessageWebSocketCompressionSupported(false)
            // What is idle is ConnectionGuard's to close.
            .setIdleTimeout(0)
            .setHttp2ClearTextEnabled(true)
            .setHttp2ConnectionWindowSize(config.http2Window())
            .setHttp2RstFloodMaxRstFramePerWindow(config.maxResets())
            .setHttp2RstFloodWindowDuration(30)
            .setHttp2RstFloodWindowDurationTimeUnit(TimeUnit.SECONDS)
            .setInitialSettings(
                new Http2Settings()
                    .setMaxConcurrentStreams(config.maxStreams())
                    .setInitialWindowSize(config.http2Window())
                    .setMaxHeaderListSize(config.maxHeaderBytes()));
    return options;
  }
}
