package io.tidegate.routing;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.tidegate.bus.Bus;
import io.tidegate.bus.BusMap;
import io.tidegate.bus.Trace;
import io.tidegate.proto.routing.RouteSnapshot;
import io.tidegate.proto.routing.SnapshotRequest;
import io.tidegate.routing.RouteFile.Checked;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpMethod;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The near side of routing: the route table in force, handed over by the far side and answered from
 * at once. One instance a node, safe from any thread.
 */
public final class Routes {
  private static final Logger log = LoggerFactory.getLogger(Routes.class);
  private static final long ASK_AGAIN_MS = 200;

  /** A table and its version; swapped whole. */
  private record InForce(long version, RouteTable<Route> table) {}

  private final Bus bus;
  private final Vertx vertx;
  private final RoutingConfig config;
  private final MeterRegistry meters;
  private final Upstreams upstreams;
  private final List<Bus.Registration> registrations = new ArrayList<>();
  private volatile InForce inForce = new InForce(0, new RouteTable<>(List.of()));
  private volatile boolean closed;
  private long resyncTimer = -1;

  public Routes(Bus bus, Vertx vertx, RoutingConfig config, MeterRegistry meters) {
    this.bus = bus;
    this.vertx = vertx;
    this.config = config;
    this.meters = meters;
    this.upstreams = new Upstreams(vertx, config, meters);
  }

  /**
   * Starts to listen for tables and asks for the one in force. Completes also when no far side has
   * answered yet: it goes on asking, and {@link #ready()} tells.
   */
  public Future<Void> start() {
    Gauge.builder("tidegate.routing.version", this, Routes::version)
        .description("version of the route table in force on this node; 0 before the first")
        .register(meters);
    resyncTimer = vertx.setPeriodic(Math.max(1, config.resyncEvery().toMillis()), timer -> ask());
    return bus.subscribe(BusMap.ROUTING_CHANGED, this::take)
        .compose(
            registration -> {
              registrations.add(registration);
              return ask();
            });
  }

  private Future<Void> ask() {
    if (closed) {
      return Future.succeededFuture();
    }
    return bus.call(BusMap.ROUTING_SNAPSHOT, SnapshotRequest.getDefaultInstance(), Trace.NONE)
        .compose(this::take)
        .otherwise(
            failure -> {
              if (!ready() && !closed) {
                vertx.setTimer(ASK_AGAIN_MS, timer -> ask());
              }
              return null;
            });
  }

  private Future<Void> take(RouteSnapshot snapshot) {
    if (snapshot.getVersion() <= version()) {
      return Future.succeededFuture();
    }
    return vertx
        .<Void>executeBlocking(
            () -> {
              putInForce(snapshot);
              return null;
            })
        .onFailure(
            failure ->
                log.atError()
                    .setCause(failure)
                    .addKeyValue("version", snapshot.getVersion())
                    .log("a route table from the bus was refused; the old one stays in force"));
  }

  private synchronized void putInForce(RouteSnapshot snapshot) {
    if (closed || snapshot.getVersion() <= version()) {
      return;
    }
    Checked checked = RouteFile.parse("routing.snapshot", snapshot.getYaml().toByteArray(), null);
    Map<String, Upstream> current = upstreams.become(checked);
    List<RouteTable.Entry<Route>> entries = new ArrayList<>();
    for (Rule rule : checked.rules()) {
      RoutesYaml.RouteYaml yaml = checked.yaml().routes.get(rule.name());
      Upstream upstream = yaml == null ? null : current.get(yaml.upstream);
      if (yaml != null && upstream != null) {
        entries.add(new RouteTable.Entry<>(rule, new Route(rule, yaml, upstream, meters)));
      }
    }
    inForce = new InForce(snapshot.getVersion(), new RouteTable<>(entries));
    log.atInfo()
        .addKeyValue("version", snapshot.getVersion())
        .addKeyValue("routes", entries.size())
        .log("route table in force");
  }

  /**
   * The route of a request, or null when none matches.
   *
   * @param host the authority's host, with or without port
   * @param path the path as it was sent, still encoded, without query
   * @throws io.tidegate.bus.FailureException {@code BAD_REQUEST} for a path that servers may read
   *     in two ways
   */
  public @Nullable Route match(String host, String path, HttpMethod method, MultiMap headers) {
    return inForce.table().match(host, RequestPath.canonical(path), method.name(), headers::get);
  }

  /** Whether a table is in force. */
  public boolean ready() {
    return inForce.version() > 0;
  }

  /** The version of the table in force; 0 before the first. */
  public long version() {
    return inForce.version();
  }

  /** Stops listening and closes the connections to upstreams. */
  public Future<Void> close() {
    closed = true;
    vertx.cancelTimer(resyncTimer);
    List<Future<Void>> closing = new ArrayList<>();
    registrations.forEach(registration -> closing.add(registration.remove()));
    closing.add(upstreams.close());
    return Future.join(closing).mapEmpty();
  }
}
