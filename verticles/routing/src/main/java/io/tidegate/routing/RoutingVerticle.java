package io.tidegate.routing;

import io.micrometer.core.instrument.MeterRegistry;
import io.tidegate.bus.SharedTruth;
import io.tidegate.platform.TruthFile;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import org.jspecify.annotations.Nullable;

/**
 * The far side of routing: offers the checked table of routes.yaml to all nodes, and again whenever
 * the file changes.
 */
public final class RoutingVerticle extends VerticleBase {
  private final SharedTruth truth;
  private final RouteFile routesYaml;
  private final RoutingConfig config;
  private final MeterRegistry meters;
  private @Nullable TruthFile file;

  /**
   * @param truth this node's copy of the table, started
   */
  public RoutingVerticle(
      SharedTruth truth, RouteFile routesYaml, RoutingConfig config, MeterRegistry meters) {
    this.truth = truth;
    this.routesYaml = routesYaml;
    this.config = config;
    this.meters = meters;
  }

  /**
   * Fails with a {@link io.tidegate.platform.ConfigurationException} of all problems when the file
   * is bad.
   */
  @Override
  public Future<?> start() {
    TruthFile offered =
        new TruthFile(
            vertx,
            truth,
            routesYaml.path(),
            routesYaml::document,
            config.reloadEvery(),
            "routing",
            meters);
    file = offered;
    return offered.start();
  }

  @Override
  public Future<?> stop() {
    if (file != null) {
      file.close();
    }
    return Future.succeededFuture();
  }
}
