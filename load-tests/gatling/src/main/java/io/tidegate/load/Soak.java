package io.tidegate.load;

import static io.gatling.javaapi.core.CoreDsl.global;
import static io.gatling.javaapi.core.CoreDsl.scenario;

import io.gatling.javaapi.core.Simulation;

/** Visits at a steady rate for hours; what grows shows. */
public final class Soak extends Simulation {
  /** Made by Gatling. */
  public Soak() {
    Stage stage = Stage.current();
    setUp(scenario("soak").exec(new ShopVisit(stage).chain()).injectOpen(stage.arrivals()))
        .protocols(stage.protocol())
        .assertions(
            global().failedRequests().count().is(0L),
            global().responseTime().percentile3().lte(stage.p99()));
  }
}
