package io.tidegate.load;

import static io.gatling.javaapi.core.CoreDsl.constantConcurrentUsers;
import static io.gatling.javaapi.core.CoreDsl.scenario;

import io.gatling.javaapi.core.Simulation;

/**
 * As many visits as the machine can do, one after the other by a fixed number of users: warms up
 * both sides and shows what they can do together.
 */
public final class WarmUp extends Simulation {
  private static final int USERS = 400;

  /** Made by Gatling. */
  public WarmUp() {
    Stage stage = Stage.current();
    setUp(
            scenario("warm up")
                .exec(new ShopVisit(stage).chain())
                .injectClosed(constantConcurrentUsers(USERS).during(stage.plan().duration())))
        .protocols(stage.protocol());
  }
}
