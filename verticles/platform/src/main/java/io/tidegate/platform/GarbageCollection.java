package io.tidegate.platform;

import com.sun.management.ThreadMXBean;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.FunctionTimer;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.util.concurrent.TimeUnit;

/**
 * What the garbage collectors did, by their names, under Micrometer's own names: {@code
 * jvm.gc.pause} (collections and their time, in seconds), {@code jvm.gc.concurrent.phase.time} (the
 * same of what runs beside the program) and {@code jvm.gc.memory.allocated} (bytes). They are read
 * when they are asked for. Micrometer's {@code JvmGcMetrics} hears of each collection instead, for
 * which the JVM makes a report of open types several times a second, enough for the JIT to compile
 * for hundreds of milliseconds on the processor of an event loop.
 */
final class GarbageCollection implements MeterBinder {
  @Override
  public void bindTo(MeterRegistry registry) {
    for (GarbageCollectorMXBean collector : ManagementFactory.getGarbageCollectorMXBeans()) {
      FunctionTimer.builder(
              isConcurrent(collector) ? "jvm.gc.concurrent.phase.time" : "jvm.gc.pause",
              collector,
              GarbageCollectorMXBean::getCollectionCount,
              GarbageCollectorMXBean::getCollectionTime,
              TimeUnit.MILLISECONDS)
          .tag("gc", collector.getName())
          .description("collections of garbage, and how long they took")
          .register(registry);
    }
    if (ManagementFactory.getThreadMXBean() instanceof ThreadMXBean threads) {
      FunctionCounter.builder(
              "jvm.gc.memory.allocated", threads, ThreadMXBean::getTotalThreadAllocatedBytes)
          .description("what all threads have allocated so far")
          .baseUnit("bytes")
          .register(registry);
    }
  }

  /** ZGC, Shenandoah and G1 count that as a collector of its own. */
  private static boolean isConcurrent(GarbageCollectorMXBean collector) {
    String name = collector.getName();
    return name.endsWith("Cycles") || name.contains("Concurrent");
  }
}
