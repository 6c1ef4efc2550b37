package io.tidegate.platform;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;

/**
 * The gauge {@code process.resident.memory}: what of this process is in physical memory, bytes;
 * heap is a part of it. Linux tells it in {@code /proc} (proc_pid_status(5), {@code VmRSS});
 * elsewhere there is no such meter.
 */
final class ResidentMemory implements MeterBinder {
  private static final Path STATUS = Path.of("/proc/self/status");
  private static final String RESIDENT = "VmRSS:";
  private static final long KIBI = 1024;

  private final Path status;

  ResidentMemory() {
    this(STATUS);
  }

  /**
   * @param status a file in the form of {@code /proc/self/status}
   */
  ResidentMemory(Path status) {
    this.status = status;
  }

  @Override
  public void bindTo(MeterRegistry registry) {
    if (bytes().isPresent()) {
      Gauge.builder("process.resident.memory", this, ResidentMemory::value)
          .description("what of the process is in physical memory")
          .baseUnit("bytes")
          .strongReference(true)
          .register(registry);
    }
  }

  private double value() {
    OptionalLong bytes = bytes();
    return bytes.isPresent() ? bytes.getAsLong() : Double.NaN;
  }

  /** What is resident now; empty where the system doesn't tell. */
  OptionalLong bytes() {
    try {
      for (String line : Files.readAllLines(status)) {
        if (line.startsWith(RESIDENT)) {
          String number = line.replaceAll("\\D", "");
          return number.isEmpty()
              ? OptionalLong.empty()
              : OptionalLong.of(Long.parseLong(number) * KIBI);
        }
      }
      return OptionalLong.empty();
    } catch (IOException e) {
      return OptionalLong.empty();
    }
  }
}
