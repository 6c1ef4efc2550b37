package io.tidegate.load;

import static io.gatling.javaapi.core.CoreDsl.global;
import static io.gatling.javaapi.core.CoreDsl.scenario;

import io.gatling.javaapi.core.Simulation;

/** A sales day's visits in the shape of its evening; nothing may fail. */
public final class PeakDay extends Simulation {
  /** Made by Gatling. */
  public PeakDay() {
    Stage stage = Stage.current();
    setUp(scenario("peak day").exec(new ShopVisit(stage).chain()).injectOpen(stage.arrivals()))
        .protocols(stage.protocol())
        .assertions(
            global().failedRequests().count().is(0L),
            global().responseTime().percentile3().lte(stage.p99()));
  }
}
