package io.tidegate.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidegate.node.LocalNodes.Ports;
import org.junit.jupiter.api.Test;

class LocalNodesTest {
  @Test
  void portsCountUpWithoutMeeting() {
    assertThat(LocalNodes.ports(8080, 8081, 3))
        .containsExactly(new Ports(8080, 8081), new Ports(8082, 8083), new Ports(8084, 8085));
    assertThat(LocalNodes.ports(8080, 9080, 3))
        .containsExactly(new Ports(8080, 9080), new Ports(8081, 9081), new Ports(8082, 9082));
    assertThat(LocalNodes.ports(8081, 8080, 2))
        .containsExactly(new Ports(8081, 8080), new Ports(8083, 8082));
    assertThat(LocalNodes.ports(8080, 8082, 3))
        .flatExtracting(Ports::http, Ports::management)
        .doesNotHaveDuplicates();
    assertThat(LocalNodes.ports(8080, 8081, 1)).containsExactly(new Ports(8080, 8081));
  }
}
