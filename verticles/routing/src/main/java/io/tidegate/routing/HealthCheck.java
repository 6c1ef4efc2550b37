package io.tidegate.routing;

import io.tidegate.routing.RoutesYaml.HealthYaml;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClientAgent;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import java.util.Collection;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks each endpoint of an upstream how it is, at intervals; takes it out of rotation after some
 * failures in a row and back in after some successes. An answer below 400 is a success. Its
 * connections are its own, so that an upstream whose connections are all in use is not taken for a
 * dead one.
 */
final class HealthCheck {
  private static final Logger log = LoggerFactory.getLogger(HealthCheck.class);

  private final Vertx vertx;
  private final Upstream upstream;
  private final HealthYaml settings;
  private final long timer;
  // By endpoint the results in a row that speak against its present state.
  private final Map<Endpoint, Integer> against = new ConcurrentHashMap<>();
  private final Set<Endpoint> underWay = ConcurrentHashMap.newKeySet();
  private final HttpClientAgent client;
  private volatile boolean stopped;

  HealthCheck(Vertx vertx, Upstream upstream, HealthYaml settings) {
    this.vertx = vertx;
    this.upstream = upstream;
    this.settings = settings;
    this.client =
        vertx.createHttpClient(
            new HttpClientOptions()
                .setName("health-" + upstream.name())
                .setConnectTimeout((int) Math.max(1, settings.timeout.toMillis()))
                // A kept one may have gone stale between two checks.
                .setKeepAlive(false)
                .setDecompressionSupported(false),
            new PoolOptions().setHttp1MaxSize(2));
    this.timer =
        vertx.setPeriodic(0, Math.max(1, settings.interval.toMillis()), tick -> checkAll());
  }

  /**
   * Ends it.
   *
   * @param staying endpoints that another check goes on with, and that keep what was found of them
   */
  Future<Void> stop(Collection<Endpoint> staying) {
    stopped = true;
    vertx.cancelTimer(timer);
    for (Endpoint endpoint : upstream.endpoints()) {
      if (!staying.contains(endpoint)) {
        endpoint.healthy(true);
      }
    }
    return client.close();
  }

  private void checkAll() {
    for (Endpoint endpoint : upstream.endpoints()) {
      if (underWay.add(endpoint)) {
        check(endpoint)
            .onComplete(
                result -> {
                  underWay.remove(endpoint);
                  found(endpoint, result.succeeded() && result.result());
                });
      }
    }
  }

  private Future<Boolean> check(Endpoint endpoint) {
    RequestOptions options =
        new RequestOptions()
            .setMethod(HttpMethod.GET)
            .setHost(endpoint.host())
            .setPort(endpoint.port())
            .setSsl(endpoint.tls())
            .setURI(settings.path)
            .setTimeout(Math.max(1, settings.timeout.toMillis()));
    return client
        .request(options)
        .compose(request -> request.send())
        .compose(response -> response.end().map(response.statusCode() < 400));
  }

  private void found(Endpoint endpoint, boolean well) {
    if (stopped) {
      return;
    }
    if (well == endpoint.healthy()) {
      against.remove(endpoint);
      return;
    }
    int inARow = against.merge(endpoint, 1, Integer::sum);
    if (inARow >= (well ? settings.successes : settings.failures)) {
      against.remove(endpoint);
      if (endpoint.healthy(well)) {
        log.atWarn()
            .addKeyValue("upstream", upstream.name())
            .addKeyValue("endpoint", endpoint)
            .addKeyValue("healthy", well)
            .log("the health of an endpoint changed");
      }
    }
  }
}
