package io.tidegate.platform;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ResidentMemoryTest {
  private static final String METER = "process.resident.memory";

  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();

  @Test
  void isWhatTheSystemTells(@TempDir Path directory) throws IOException {
    Path status = directory.resolve("status");
    Files.writeString(status, "Name:\tjava\nVmHWM:\t  999 kB\nVmRSS:\t  2048 kB\nThreads:\t7\n");
    new ResidentMemory(status).bindTo(registry);
    assertThat(registry.get(METER).gauge().value()).isEqualTo(2048 * 1024);
    Files.delete(status);
    assertThat(registry.get(METER).gauge().value()).isNaN();
  }

  @Test
  void isNotThereWhereTheSystemTellsNothing(@TempDir Path directory) throws IOException {
    new ResidentMemory(directory.resolve("none")).bindTo(registry);
    Path other = Files.writeString(directory.resolve("status"), "Name:\tjava\nVmRSS:\n");
    new ResidentMemory(other).bindTo(registry);
    assertThat(registry.find(METER).gauge()).isNull();
  }

  @Test
  void everyNodeOnLinuxShowsIt() {
    assumeThat(Path.of("/proc/self/status")).exists();
    try (Metrics metrics = new Metrics()) {
      assertThat(metrics.registry().scrape())
          .containsPattern("(?m)^process_resident_memory_bytes [0-9.E]+$");
      assertThat(metrics.registry().get(METER).gauge().value()).isGreaterThan(1 << 20);
    }
  }
}
