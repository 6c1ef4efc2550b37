package io.tidegate.routing;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.micrometer.core.instrument.MeterRegistry;
import io.tidegate.bus.RetryBudget;
import io.tidegate.routing.RoutesYaml.UpstreamYaml;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.net.NetClientOptions;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The upstreams of the table in force. A new table takes over what is unchanged in it, so breakers,
 * counts and connections outlive a reload; what it left out may finish its requests.
 */
final class Upstreams {
  private static final Logger log = LoggerFactory.getLogger(Upstreams.class);

  private record Held(JsonNode source, Upstream upstream, @Nullable HealthCheck health) {}

  private final Vertx vertx;
  private final int loops;
  private final RoutingConfig config;
  private final MeterRegistry meters;
  private Map<String, Held> held = Map.of();

  Upstreams(Vertx vertx, int loops, RoutingConfig config, MeterRegistry meters) {
    this.vertx = vertx;
    this.loops = loops;
    this.config = config;
    this.meters = meters;
  }

  /** Makes these the upstreams; what is gone or changed goes on until it is drained. */
  synchronized Map<String, Upstream> become(RouteFile.Checked file) {
    Map<String, Held> next = new LinkedHashMap<>();
    file.yaml()
        .upstreams
        .forEach(
            (name, settings) ->
                next.put(
                    name,
                    hold(
                        name,
                        settings,
                        file.source().path("upstreams").path(name),
                        held.get(name))));
    held.forEach((name, old) -> retire(name, old, next.get(name)));
    held = next;
    Map<String, Upstream> upstreams = new HashMap<>();
    next.forEach((name, one) -> upstreams.put(name, one.upstream()));
    return upstreams;
  }

  private Held hold(String name, UpstreamYaml settings, JsonNode source, @Nullable Held old) {
    if (old != null && old.source().equals(source)) {
      return old;
    }
    boolean sameSettings =
        old != null && withoutEndpoints(old.source()).equals(withoutEndpoints(source));
    Map<String, Endpoint> known = new HashMap<>();
    if (old != null && sameSettings) {
      old.upstream().endpoints().forEach(endpoint -> known.put(endpoint.url(), endpoint));
    }
    Connections connections =
        old != null && sameSettings ? old.upstream().connections() : connections(settings);
    List<Endpoint> endpoints = new ArrayList<>();
    for (String url : settings.endpoints) {
      Endpoint endpoint = known.get(url);
      endpoints.add(
          endpoint == null
              ? new Endpoint(url, breaker(name, url, settings), connections.parts())
              : endpoint);
    }
    UpstreamMeters upstreamMeters =
        old == null ? new UpstreamMeters(meters, name) : old.upstream().meters();
    upstreamMeters.watch(endpoints, connections);
    Upstream upstream =
        new Upstream(
            name,
            settings,
            endpoints,
            connections,
            old != null && sameSettings
                ? old.upstream().budget()
                : new RetryBudget(
                    settings.retry.budget, settings.retry.perSecond, System::nanoTime),
            upstreamMeters);
    HealthCheck health =
        settings.healthCheck == null
            ? null
            : new HealthCheck(vertx, upstream, settings.healthCheck);
    return new Held(source, upstream, health);
  }

  private void retire(String name, Held old, @Nullable Held next) {
    if (old.equals(next)) {
      return;
    }
    if (old.health() != null) {
      var unused = old.health().stop(next == null ? List.of() : next.upstream().endpoints());
    }
    if (next == null) {
      old.upstream().meters().watch(List.of(), old.upstream().connections());
    }
    if (next == null || next.upstream().connections() != old.upstream().connections()) {
      // Requests matched before may still ask for a connection, so the client closes only when they
      // had their time.
      vertx.setTimer(
          Math.max(1, config.drain().toMillis()),
          timer ->
              old.upstream()
                  .connections()
                  .close()
                  .onComplete(
                      done ->
                          log.atDebug()
                              .addKeyValue("upstream", name)
                              .log("old connections closed")));
    } else {
      List<Endpoint> left = new ArrayList<>(old.upstream().endpoints());
      left.removeAll(next.upstream().endpoints());
      vertx.setTimer(
          Math.max(1, config.drain().toMillis()),
          timer -> next.upstream().connections().drop(left));
    }
  }

  synchronized Future<Void> close() {
    List<Future<Void>> closing = new ArrayList<>();
    held.values()
        .forEach(
            one -> {
              if (one.health() != null) {
                closing.add(one.health().stop(List.of()));
              }
              one.upstream().meters().watch(List.of(), one.upstream().connections());
              closing.add(one.upstream().connections().close());
            });
    held = Map.of();
    return Future.join(closing).mapEmpty();
  }

  private static Breaker breaker(String upstream, String url, UpstreamYaml settings) {
    return new Breaker(
        settings.breaker.window,
        settings.breaker.failureRatio,
        settings.breaker.openFor.toNanos(),
        System::nanoTime,
        state ->
            log.atWarn()
                .addKeyValue("upstream", upstream)
                .addKeyValue("endpoint", url)
                .addKeyValue("breaker", state)
                .log("the breaker of an endpoint changed"));
  }

  private Connections connections(UpstreamYaml settings) {
    int connectMs = (int) settings.connectTimeout.toMillis();
    return new Connections(
        vertx,
        new NetClientOptions()
            .setConnectTimeout(connectMs)
            .setHostnameVerificationAlgorithm("HTTPS")
            .setSslHandshakeTimeout(connectMs)
            .setSslHandshakeTimeoutUnit(TimeUnit.MILLISECONDS)
            .setTcpNoDelay(true),
        settings.connections,
        loops,
        settings.queue,
        config.maxResponseHead(),
        settings.keepAlive);
  }

  private static JsonNode withoutEndpoints(JsonNode source) {
    return source instanceof ObjectNode object ? object.deepCopy().without("endpoints") : source;
  }
}
