package io.tidegate.routing;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.google.protobuf.ByteString;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.tidegate.bus.Bus;
import io.tidegate.bus.BusMap;
import io.tidegate.bus.Failure;
import io.tidegate.platform.ConfigurationException;
import io.tidegate.proto.routing.RouteSnapshot;
import io.tidegate.routing.RouteFile.Checked;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The far side of routing: reads routes.yaml, hands the checked table to every node, and again
 * whenever the file changes. A bad file leaves the table in force and is told of once, with all its
 * problems.
 */
public final class RoutingVerticle extends VerticleBase {
  private static final Logger log = LoggerFactory.getLogger(RoutingVerticle.class);

  private final Bus bus;
  private final RoutingConfig config;
  private final RouteFileWatch watch;
  private final Counter reloads;
  private final Counter failedReloads;
  private final List<Bus.Registration> registrations = new ArrayList<>();
  private @Nullable RouteSnapshot inForce;

  public RoutingVerticle(
      Bus bus, RouteFile routesYaml, RoutingConfig config, MeterRegistry meters) {
    this.bus = bus;
    this.config = config;
    this.watch = new RouteFileWatch(routesYaml);
    this.reloads =
        Counter.builder("tidegate.routing.reloads")
            .description("tables put in force since the first")
            .register(meters);
    this.failedReloads =
        Counter.builder("tidegate.routing.reload.failed")
            .description("changes of routes.yaml that were refused")
            .register(meters);
  }

  /**
   * Fails with a {@link ConfigurationException} of all problems when the file is bad: there is no
   * table to go on with.
   */
  @Override
  public Future<?> start() {
    return vertx
        .executeBlocking(watch::first)
        .compose(
            checked -> {
              inForce = snapshot(checked);
              return bus.serve(BusMap.ROUTING_SNAPSHOT, (request, trace) -> current());
            })
        .onSuccess(
            registration -> {
              registrations.add(registration);
              publish();
              lookAgain();
            });
  }

  @Override
  public Future<?> stop() {
    return Future.join(registrations.stream().map(Bus.Registration::remove).toList());
  }

  private Future<RouteSnapshot> current() {
    RouteSnapshot snapshot = inForce;
    return snapshot == null
        ? Future.failedFuture(Failure.ROLE_UNAVAILABLE.because("no route table yet"))
        : Future.succeededFuture(snapshot);
  }

  // A look begins when the one before has ended, so a slow disk can't pile them up.
  private void lookAgain() {
    vertx.setTimer(
        Math.max(1, config.reloadEvery().toMillis()),
        timer ->
            vertx
                .executeBlocking(watch::look)
                .onSuccess(this::changed)
                .onFailure(this::refused)
                .onComplete(looked -> lookAgain()));
  }

  private void changed(@Nullable Checked checked) {
    if (checked == null) {
      return;
    }
    inForce = snapshot(checked);
    reloads.increment();
    log.atInfo().addKeyValue("file", watch.file().path()).log("routes.yaml reloaded");
    publish();
  }

  private void refused(Throwable why) {
    failedReloads.increment();
    var line = log.atError().addKeyValue("file", watch.file().path());
    if (why instanceof ConfigurationException bad) {
      line.addKeyValue("problems", bad.problems())
          .log("routes.yaml is bad; the old table stays in force");
    } else {
      line.setCause(why).log("routes.yaml could not be reloaded; the old table stays in force");
    }
  }

  private void publish() {
    RouteSnapshot snapshot = inForce;
    if (snapshot != null) {
      bus.publish(BusMap.ROUTING_CHANGED, snapshot);
    }
  }

  // Versions come from the clock, so that they also grow from one process to the next and over
  // several far sides.
  private RouteSnapshot snapshot(Checked checked) {
    long before = inForce == null ? 0 : inForce.getVersion();
    try {
      return RouteSnapshot.newBuilder()
          .setVersion(Math.max(before + 1, System.currentTimeMillis()))
          .setYaml(ByteString.copyFrom(RoutesReader.JSON.writeValueAsBytes(checked.source())))
          .build();
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a tree that was read could not be written", e);
    }
  }
}
