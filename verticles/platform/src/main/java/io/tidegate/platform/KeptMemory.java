package io.tidegate.platform;

import io.vertx.core.json.JsonObject;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.lang.management.MemoryUsage;
import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What this process keeps, garbage left out. What is resident goes up for as long as the old
 * generation has never been full, for hours with a large heap, and so does not tell a leak from
 * garbage; this does, for the price of a whole collection: a pause of some 0.1 s for each 100 MiB
 * that are live, so there is at most one in {@link #APART}.
 */
final class KeptMemory {
  /** From one collection to the next. */
  static final Duration APART = Duration.ofSeconds(10);

  private final ResidentMemory resident;
  private final List<MemoryPoolMXBean> heap =
      ManagementFactory.getMemoryPoolMXBeans().stream()
          .filter(pool -> pool.getType() == MemoryType.HEAP)
          .toList();
  private final AtomicLong next = new AtomicLong(System.nanoTime());

  KeptMemory(ResidentMemory resident) {
    this.resident = resident;
  }

  /**
   * Takes the right to collect now.
   *
   * @return zero, or how long to wait before the next is allowed
   */
  Duration turn() {
    long due = next.get();
    long now = System.nanoTime();
    if (due - now > 0) {
      return Duration.ofNanos(due - now);
    }
    return next.compareAndSet(due, now + APART.toNanos()) ? Duration.ZERO : APART;
  }

  /**
   * Collects all garbage and tells what is left, in bytes: {@code live} of the heap, and {@code
   * beside_heap}, what is resident without the part of the heap that has ever been touched (code,
   * classes, stacks, buffers, what native libraries hold), where the system tells what is resident.
   * Blocks until it is done. Under {@code -XX:+DisableExplicitGC} nothing is collected, and {@code
   * live} is from the last collection that there was.
   */
  JsonObject collect() {
    long begin = System.nanoTime();
    System.gc();
    JsonObject kept =
        new JsonObject()
            .put("took_ms", Duration.ofNanos(System.nanoTime() - begin).toMillis())
            .put("live", heap.stream().mapToLong(KeptMemory::live).sum());
    OptionalLong all = resident.bytes();
    if (all.isPresent()) {
      kept.put("beside_heap", all.getAsLong() - heap.stream().mapToLong(KeptMemory::touched).sum());
    }
    return kept;
  }

  private static long live(MemoryPoolMXBean pool) {
    MemoryUsage collected = pool.getCollectionUsage();
    return (collected == null ? pool.getUsage() : collected).getUsed();
  }

  /** What was once used stays resident until the pool gives it back. */
  private static long touched(MemoryPoolMXBean pool) {
    return Math.min(pool.getPeakUsage().getUsed(), pool.getUsage().getCommitted());
  }
}
