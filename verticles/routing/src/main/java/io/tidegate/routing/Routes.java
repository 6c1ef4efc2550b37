package io.tidegate.routing;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.tidegate.bus.SharedTruth;
import io.tidegate.proto.cluster.Snapshot;
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

  private final SharedTruth truth;
  private final Vertx vertx;
  private final MeterRegistry meters;
  private final Upstreams upstreams;
  private volatile RouteTable<Route> inForce = new RouteTable<>(List.of());
  private volatile boolean ready;
  private volatile boolean closed;

  /**
   * @param truth the tables ({@link SharedTruth#routes})
   * @param loops how many event loops requests come from
   */
  public Routes(
      SharedTruth truth, Vertx vertx, int loops, RoutingConfig config, MeterRegistry meters) {
    this.truth = truth;
    this.vertx = vertx;
    this.meters = meters;
    this.upstreams = new Upstreams(vertx, loops, config, meters);
  }

  /** Puts the table in force to use, and every later one. */
  public Future<Void> start() {
    Gauge.builder("tidegate.routing.version", this, Routes::version)
        .description("version of the route table in force on this node; 0 before the first")
        .register(meters);
    return vertx.executeBlocking(
        () -> {
          truth.handTo(this::take);
          return null;
        });
  }

  private synchronized void take(Snapshot snapshot) {
    if (closed) {
      return;
    }
    Checked checked = RouteFile.parse("routes.yaml", snapshot.getContent().toByteArray(), null);
    Map<String, Upstream> current = upstreams.become(checked);
    List<RouteTable.Entry<Route>> entries = new ArrayList<>();
    for (Rule rule : checked.rules()) {
      RoutesYaml.RouteYaml yaml = checked.yaml().routes.get(rule.name());
      Upstream upstream = yaml == null ? null : current.get(yaml.upstream);
      if (yaml != null && upstream != null) {
        entries.add(new RouteTable.Entry<>(rule, new Route(rule, yaml, upstream, meters)));
      }
    }
    inForce = new RouteTable<>(entries);
    ready = true;
    log.atInfo()
        .addKeyValue("version", snapshot.getRevision())
        .addKeyValue("from", snapshot.getSource())
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
    return inForce.match(host, RequestPath.canonical(path), method.name(), headers::get);
  }

  /** Whether a table is in force. */
  public boolean ready() {
    return ready;
  }

  /** The version of the table in force; 0 before the first. */
  public long version() {
    return ready ? truth.revision() : 0;
  }

  /** Takes no more tables and closes the connections to upstreams. */
  public Future<Void> close() {
    closed = true;
    return upstreams.close();
  }
}
