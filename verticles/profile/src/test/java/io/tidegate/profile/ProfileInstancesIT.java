package io.tidegate.profile;

import static io.tidegate.profile.ProfileStack.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.tidegate.bus.Bus;
import io.tidegate.bus.Trace;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Vertx;
import org.junit.jupiter.api.Test;

class ProfileInstancesIT {
  /** Calls go to them in turn, and each asks Postgres by itself. */
  @Test
  void severalServeOneNode() throws Exception {
    Vertx vertx = Vertx.vertx();
    SimpleMeterRegistry meters = new SimpleMeterRegistry();
    try (ProfileStack stack = ProfileStack.shared()) {
      Bus bus = new Bus(vertx);
      String instances =
          await(
              vertx.deployVerticle(
                  ProfileVerticle.instances(
                      bus, stack.config, stack.pool, stack.pool, stack.redisConfig, meters),
                  new DeploymentOptions().setInstances(2)));
      ProfileLookup near = new ProfileLookup(bus, vertx, stack.config, new SimpleMeterRegistry());
      await(near.start());
      for (int i = 0; i < 4; i++) {
        String id = ProfileStack.newId();
        stack.write(id, i + 1);
        assertThat(await(near.find(id, Trace.NONE)).version()).isEqualTo(i + 1);
      }
      assertThat(meters.get("tidegate.profile.postgres.query").timer().count()).isEqualTo(4);
      assertThat(meters.get("tidegate.profile.postgres.waiting").gauge().value()).isZero();
      await(vertx.undeploy(instances));
    } finally {
      await(vertx.close());
    }
  }
}
