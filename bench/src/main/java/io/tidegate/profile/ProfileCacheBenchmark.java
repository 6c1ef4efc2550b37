package io.tidegate.profile;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.tidegate.platform.ConfigLoader;
import io.tidegate.platform.ConfigSection;
import io.vertx.core.buffer.Buffer;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/**
 * Finding a profile in the process's cache, beside a plain map that neither bounds nor shares
 * anything: the most that a cache for each event loop could save.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class ProfileCacheBenchmark {
  private static final int LOOKUPS = 1 << 16;

  @Param({"100", "10000"})
  private int customers;

  private final ProcessCache cache =
      new ProcessCache(
          ConfigLoader.section(
              new ConfigSection<>(ProfileConfig.class, ProfileConfig::check), Map.of()),
          System::nanoTime,
          since -> 0);
  private final Map<String, ProfileView> map = new HashMap<>();
  private final byte[][] asked = new byte[LOOKUPS][];
  private int next;

  /** All are held, and asked for by chance. */
  @Setup
  public void fill() {
    Random random = new Random(618);
    long now = cache.now();
    for (int customer = 0; customer < customers; customer++) {
      String id = "bench-" + customer;
      ProfileView view =
          new ProfileView(
              id, true, 1, Buffer.buffer("{}"), "\"1\"", Layer.POSTGRES, false, System.nanoTime());
      var unused = cache.put(view, Change.NONE, now);
      map.put(id, view);
    }
    for (int lookup = 0; lookup < LOOKUPS; lookup++) {
      asked[lookup] = ("bench-" + random.nextInt(customers)).getBytes(ISO_8859_1);
    }
  }

  /** As a lookup does: with an id that was just read from a path. */
  @Benchmark
  public Object shared() {
    ProcessCache.@Nullable Entry entry = cache.get(id());
    return entry == null || !cache.fresh(entry, cache.now()) ? "" : entry.view();
  }

  /** The same of a map, without time and doubt. */
  @Benchmark
  public @Nullable Object map() {
    return map.get(id());
  }

  /** What both have in common. */
  @Benchmark
  public int idAlone() {
    return id().hashCode();
  }

  private String id() {
    return new String(asked[next++ & (LOOKUPS - 1)], ISO_8859_1);
  }
}
