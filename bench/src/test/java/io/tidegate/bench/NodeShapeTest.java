package io.tidegate.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

final class NodeShapeTest {
  @Test
  void writesAsManyRoutesAndPoliciesAsItSays() {
    NodeShape shape = new NodeShape("many", 1_000, 10, Map.of());
    assertThat(
            shape.routesYaml("http://127.0.0.1:1").lines().filter(line -> line.contains("path:")))
        .hasSize(1_000);
    assertThat(shape.limitsYaml().lines().filter(line -> line.contains("by: user"))).hasSize(10);
  }

  @Test
  void settingsAreAdded() {
    NodeShape shape = NodeShape.usual("x").with("A", "1").with("B", "2").with("A", "3");
    assertThat(shape.environment()).containsOnly(Map.entry("A", "3"), Map.entry("B", "2"));
  }
}
