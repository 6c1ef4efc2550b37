package io.tidegate.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.tidegate.bus.BusMap;
import io.tidegate.bus.Failure;
import org.junit.jupiter.api.Test;

class BusMetricsTest {
  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private final BusMetrics metrics = new BusMetrics(registry);

  @Test
  void callsAreCountedByTheNodeThatWasAsked() {
    metrics.ended(BusMap.PROFILE_FIND, "node-1", 1_000, null);
    metrics.ended(BusMap.PROFILE_FIND, "node-1", 1_000, Failure.BUS_TIMEOUT);
    metrics.failedOver(BusMap.PROFILE_FIND, "node-1", Failure.BUS_TIMEOUT);
    metrics.failOverRefused(BusMap.PROFILE_FIND);
    assertThat(registry.get("tidegate.bus.calls").tag("node", "node-1").timer().count())
        .isEqualTo(2);
    assertThat(
            registry.get("tidegate.bus.failures").tag("failure", "BUS_TIMEOUT").counter().count())
        .isEqualTo(1);
    assertThat(registry.get("tidegate.bus.failovers").tag("node", "node-1").counter().count())
        .isEqualTo(1);
    assertThat(
            registry
                .get("tidegate.bus.failovers.refused")
                .tag("channel", "profile.find")
                .counter()
                .count())
        .isEqualTo(1);
  }

  @Test
  void nodesThatAreForgottenLeaveNoMeters() {
    metrics.ended(BusMap.PROFILE_FIND, "here", 1_000, null);
    int before = registry.getMeters().size();
    for (int i = 0; i < 1_000; i++) {
      String node = "node-" + i;
      metrics.ended(BusMap.PROFILE_FIND, node, 1_000, Failure.STORE_UNAVAILABLE);
      metrics.failedOver(BusMap.PROFILE_FIND, node, Failure.STORE_UNAVAILABLE);
      metrics.forget(node);
    }
    assertThat(registry.getMeters()).hasSize(before);
    metrics.ended(BusMap.PROFILE_FIND, "node-1", 1_000, null);
    assertThat(registry.get("tidegate.bus.calls").tag("node", "node-1").timer().count())
        .as("counts anew")
        .isEqualTo(1);
  }
}
