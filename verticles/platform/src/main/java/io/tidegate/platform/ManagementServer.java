package io.tidegate.platform;

import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The port for ops: {@code /health/live} (the process answers), {@code /health/ready} (it can do
 * its roles' work: 200 or 503, every check by name), {@code /metrics} (Prometheus text) and the
 * pages that others add. {@code POST /memory} collects all garbage and tells what is left ({@link
 * KeptMemory}); 429 when that was done seconds ago.
 */
public final class ManagementServer extends VerticleBase {

  private static final String MEMORY = "/memory";

  private final ManagementConfig config;
  private final Readiness readiness;
  private final PrometheusMeterRegistry registry;
  private final KeptMemory memory = new KeptMemory(new ResidentMemory());
  private final Map<String, Supplier<JsonObject>> pages = new ConcurrentSkipListMap<>();
  private @Nullable HttpServer server;

  public ManagementServer(
      ManagementConfig config, Readiness readiness, PrometheusMeterRegistry registry) {
    this.config = config;
    this.readiness = readiness;
    this.registry = registry;
  }

  /**
   * Adds a page.
   *
   * @param path such as {@code /cluster}
   * @param page asked on each request; must not block
   */
  public void page(String path, Supplier<JsonObject> page) {
    pages.put(path, page);
  }

  @Override
  public Future<?> start() {
    server =
        vertx.createHttpServer(
            new HttpServerOptions()
                .setHost(config.host())
                .setPort(config.port())
                .setIdleTimeout(30)
                .setMaxFormAttributeSize(0));
    return server.requestHandler(this::answer).listen();
  }

  /** The port it listens on. */
  public int port() {
    return server == null ? -1 : server.actualPort();
  }

  private void answer(HttpServerRequest request) {
    boolean collects = MEMORY.equals(request.path());
    boolean reads =
        request.method().equals(HttpMethod.GET) || request.method().equals(HttpMethod.HEAD);
    if (collects ? !request.method().equals(HttpMethod.POST) : !reads) {
      String allowed = collects ? "POST" : "GET, HEAD";
      text(request.response().setStatusCode(405).putHeader("Allow", allowed), allowed + "\n");
      return;
    }
    switch (request.path()) {
      case "/health/live" -> json(request.response(), 200, new JsonObject().put("status", "live"));
      case "/health/ready" -> ready(request.response());
      case MEMORY -> collect(request.response());
      case "/metrics" ->
          vertx
              .executeBlocking(registry::scrape)
              .onSuccess(
                  page ->
                      request
                          .response()
                          .putHeader("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
                          .end(page))
              .onFailure(
                  cause ->
                      text(
                          request.response().setStatusCode(500), "scrape failed: " + cause + "\n"));
      default -> other(request);
    }
  }

  private void other(HttpServerRequest request) {
    Supplier<JsonObject> page = pages.get(request.path());
    if (page != null) {
      json(request.response(), 200, page.get());
    } else {
      String more = pages.isEmpty() ? "" : ", " + String.join(", ", pages.keySet());
      text(
          request.response().setStatusCode(404),
          "pages: /health/live, /health/ready, /metrics" + more + "; POST " + MEMORY + "\n");
    }
  }

  private void collect(HttpServerResponse response) {
    Duration wait = memory.turn();
    if (!wait.isZero()) {
      text(
          response
              .setStatusCode(429)
              .putHeader("Retry-After", Long.toString(wait.plusMillis(999).toSeconds())),
          "the next collection in " + wait.toMillis() + " ms\n");
      return;
    }
    vertx
        .executeBlocking(memory::collect, false)
        .onSuccess(kept -> json(response, 200, kept))
        .onFailure(cause -> text(response.setStatusCode(500), "not collected: " + cause + "\n"));
  }

  private void ready(HttpServerResponse response) {
    Map<String, String> report = readiness.report();
    boolean ready = report.values().stream().allMatch(Readiness.OK::equals);
    JsonObject checks = new JsonObject();
    report.forEach(checks::put);
    json(
        response,
        ready ? 200 : 503,
        new JsonObject()
            .put("status", ready ? "ready" : "not ready")
            .put("checks", checks)
            .put("degraded", new JsonObject(new TreeMap<>(readiness.degraded()))));
  }

  private static void json(HttpServerResponse response, int status, JsonObject body) {
    response
        .setStatusCode(status)
        .putHeader("Content-Type", "application/json")
        .putHeader("Cache-Control", "no-store")
        .end(body.encodePrettily() + "\n");
  }

  private static void text(HttpServerResponse response, String body) {
    response.putHeader("Content-Type", "text/plain; charset=utf-8").end(body);
  }
}
