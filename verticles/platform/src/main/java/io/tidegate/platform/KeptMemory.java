package io.tidegate.platform;

import io.vertx.core.json.JsonObject;
import java.lang.management.GarbageCollectorMXBean;
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
 * that are live, so there is none for {@link #APART} after one.
 */
final class KeptMemory {
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
   * Collects all garbage and tells what is left, in bytes: {@code live} of the heap, which is
   * missing where the JVM was told not to listen ({@code -XX:+DisableExplicitGC}), and {@code
   * beside_heap}, where the system tells what is resident: that without the part of the heap that
   * was ever used (code, classes, stacks, buffers, what native libraries hold), give or take what
   * the young generation's parts have changed in size. Blocks until it is done.
   */
  JsonObject collect() {
    long begin = System.nanoTime();
    long before = collections();
    System.gc();
    boolean collected = collections() > before;
    JsonObject kept =
        new JsonObject().put("took_ms", Duration.ofNanos(System.nanoTime() - begin).toMillis());
    if (collected) {
      kept.put("live", heap.stream().mapToLong(KeptMemory::live).sum());
    }
    OptionalLong all = resident.bytes();
    if (all.isPresent()) {
      kept.put("beside_heap", all.getAsLong() - heap.stream().mapToLong(KeptMemory::touched).sum());
    }
    next.set(System.nanoTime() + APART.toNanos());
    return kept;
  }

  private static long collections() {
    return ManagementFactory.getGarbageCollectorMXBeans().stream()
        .mapToLong(GarbageCollectorMXBean::getCollectionCount)
        .sum();
  }

  private static long live(MemoryPoolMXBean pool) {
    MemoryUsage collected = pool.getCollectionUsage();
    return (collected == null ? pool.getUsage() : collected).getUsed();
  }

  /** What was once used stays resident until the pool gives it back. */
  private static long touched(MemoryPoolMXBean pool) {
    long one = Math.min(pool.getPeakUsage().getUsed(), pool.getUsage().getCommitted());
    return isOneOfTwo(pool.getName()) ? 2 * one : one;
  }

  /** The parallel and the serial collector have two such spaces, take turns, and tell of one. */
  private static boolean isOneOfTwo(String pool) {
    return pool.equals("PS Survivor Space") || pool.equals("Survivor Space");
  }
}
