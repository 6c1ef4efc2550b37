package io.tidegate.routing;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.tidegate.bus.Bus;
import io.tidegate.bus.Failure;
import io.tidegate.bus.FailureException;
import io.tidegate.bus.SharedTruth;
import io.tidegate.bus.Trace;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A front door for tests: routing behind a plain HTTP server, as the edge does it, without the rest
 * of the edge.
 */
final class Door implements AutoCloseable {
  static final String TRACEPARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

  final Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(2));
  final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  final List<FailureException> failures = new CopyOnWriteArrayList<>();
  final Path file;
  final Routes routes;
  final HttpServer server;
  private final Forwarder forwarder;
  volatile @Nullable String customer;
  volatile boolean trusted;

  Door(Path folder, String yaml) throws Exception {
    file = Files.writeString(folder.resolve("routes.yaml"), yaml);
    SharedTruth truth = SharedTruth.routes(new Bus(vertx), vertx, "door");
    await(truth.start());
    Config config = new Config();
    await(
        vertx.deployVerticle(
            new RoutingVerticle(truth, new RouteFile(file, Map.of()), config, meters)));
    routes = new Routes(truth, vertx, 2, config, meters);
    await(routes.start());
    until("a table", routes::ready);
    forwarder = new Forwarder(vertx, config, meters);
    server =
        await(
            vertx
                .createHttpServer(
                    new HttpServerOptions()
                        .setHandle100ContinueAutomatically(false)
                        .setMaxHeaderSize(32_768))
                .requestHandler(this::serve)
                .listen(0, "127.0.0.1"));
  }

  private void serve(HttpServerRequest request) {
    try {
      Route route =
          routes.match(
              request.authority().toString(), request.path(), request.method(), request.headers());
      if (route == null) {
        refuse(request, Failure.NO_ROUTE.because("no route"));
        return;
      }
      Forwarding context =
          new Forwarding(
              new Trace("request-1", TRACEPARENT),
              customer,
              request.remoteAddress().hostAddress(),
              "http",
              trusted);
      request
          .response()
          .headersEndHandler(
              head -> {
                if (Forwarder.endsWithConnection(request)) {
                  request.response().headers().set("connection", "close");
                }
              });
      forwarder.forward(request, route, context).onFailure(failure -> refuse(request, failure));
    } catch (FailureException e) {
      refuse(request, e);
    }
  }

  private void refuse(HttpServerRequest request, Throwable why) {
    FailureException failure = FailureException.of(why);
    failures.add(failure);
    if (!request.response().closed()) {
      var unused =
          request
              .response()
              .setStatusCode(failure.failure().blame() == Failure.Blame.CALLER ? 400 : 503)
              .end(failure.failure() + ": " + failure.getMessage());
    }
  }

  int port() {
    return server.actualPort();
  }

  String url(String path) {
    return "http://127.0.0.1:" + port() + path;
  }

  double count(String meter, String... tags) {
    var found = meters.find(meter).tags(tags).counter();
    return found == null ? 0 : found.count();
  }

  /** Puts a file in force by renaming over the old one, as editors do. */
  void reload(String yaml) throws IOException {
    long before = routes.version();
    Path written = Files.writeString(file.resolveSibling("routes.new"), yaml);
    Files.move(written, file, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
    until("the new table", () -> routes.version() > before);
  }

  static <T> T await(Future<T> future) throws Exception {
    return future.await(20, TimeUnit.SECONDS);
  }

  static void until(String what, BooleanSupplier condition) {
    long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as("waiting for " + what).isLessThan(deadline);
      Thread.onSpinWait();
      java.util.concurrent.locks.LockSupport.parkNanos(2_000_000);
    }
  }

  @Override
  public void close() throws Exception {
    await(server.close());
    forwarder.close();
    await(routes.close());
    // Waits for the clients' connections once more (Clients).
    await(vertx.close().timeout(5, TimeUnit.SECONDS).otherwiseEmpty());
  }

  /** The defaults, but quicker. */
  static final class Config implements RoutingConfig {
    @Override
    public Duration reloadEvery() {
      return Duration.ofMillis(50);
    }

    @Override
    public String via() {
      return "tidegate";
    }

    @Override
    public int maxResponseHead() {
      return 32_768;
    }

    @Override
    public Duration drain() {
      return Duration.ofSeconds(2);
    }
  }
}
