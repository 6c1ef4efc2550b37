package io.tidegate.platform;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class HeapTest {
  @Test
  void whatIsSetCountsElseAPartOfTheHeap() {
    assertThat(Heap.share(OptionalLong.of(5), 8)).isEqualTo(5);
    assertThat(Heap.share(OptionalLong.empty(), 8)).isEqualTo(Runtime.getRuntime().maxMemory() / 8);
  }
}
