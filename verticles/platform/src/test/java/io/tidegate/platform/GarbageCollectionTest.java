package io.tidegate.platform;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.FunctionTimer;
import org.junit.jupiter.api.Test;

class GarbageCollectionTest {
  @Test
  void countsCollectionsAndWhatWasAllocated() {
    try (Metrics metrics = new Metrics()) {
      double collections = collections(metrics);
      FunctionCounter allocated =
          metrics.registry().get("jvm.gc.memory.allocated").functionCounter();
      double before = allocated.count();
      byte[] some = new byte[1 << 20];
      assertThat(allocated.count() - before).isGreaterThanOrEqualTo(some.length);
      System.gc();
      assertThat(collections(metrics)).isGreaterThan(collections);
      assertThat(metrics.registry().scrape())
          .containsPattern("(?m)^jvm_gc_pause_seconds_count\\{gc=\"[^\"]+\"} [0-9.E]+$")
          .containsPattern("(?m)^jvm_gc_pause_seconds_sum\\{gc=\"[^\"]+\"} [0-9.E]+$")
          .containsPattern("(?m)^jvm_gc_memory_allocated_bytes_total [0-9.E]+$");
    }
  }

  private static double collections(Metrics metrics) {
    return metrics.registry().get("jvm.gc.pause").functionTimers().stream()
        .mapToDouble(FunctionTimer::count)
        .sum();
  }
}
