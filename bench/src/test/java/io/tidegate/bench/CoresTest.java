package io.tidegate.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

final class CoresTest {
  @Test
  void readsAllowedProcessors() {
    assertThat(Cores.allowed("Name:\tx\nCpus_allowed_list:\t0-2,5,8-9\n"))
        .containsExactly(0, 1, 2, 5, 8, 9);
  }

  @Test
  void putsCommandsOnTheirProcessors() {
    Cores cores = new Cores("0,1", "2,3", 2);
    assertThat(cores.forContender(List.of("nginx", "-v")))
        .containsExactly("taskset", "-c", "0,1", "nginx", "-v");
    assertThat(cores.forOthers(List.of("wrk"))).containsExactly("taskset", "-c", "2,3", "wrk");
    assertThat(cores.ahead(List.of("wrk")))
        .containsExactly("nice", "-n", "-10", "taskset", "-c", "2,3", "wrk");
  }

  @Test
  void leavesCommandsAloneWhenNothingIsPinned() {
    Cores cores = new Cores("", "", 2);
    assertThat(cores.forContender(List.of("nginx"))).containsExactly("nginx");
    assertThat(cores.ahead(List.of("wrk"))).containsExactly("wrk");
    assertThat(cores.described()).isEqualTo("not pinned");
  }
}
