package io.tidegate.platform;

import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Whether this node can do its roles' work: named checks, all of which must hold. Safe from any
 * thread.
 */
public final class Readiness {
  /** What a check answers when it holds. */
  public static final String OK = "ok";

  private final Map<String, Supplier<String>> checks = new ConcurrentHashMap<>();
  private final Map<String, Supplier<@Nullable String>> lesser = new ConcurrentHashMap<>();

  /**
   * Adds a check.
   *
   * @param name such as {@code kafka}; a second check of that name replaces the first
   * @param check answers {@link #OK}, or why not in a few words; must not block
   */
  public void register(String name, Supplier<String> check) {
    checks.put(name, check);
  }

  /** Every check by name with what it says now. */
  public Map<String, String> report() {
    Map<String, String> report = new TreeMap<>();
    checks.forEach((name, check) -> report.put(name, check.get()));
    return report;
  }

  public boolean ready() {
    return checks.values().stream().allMatch(check -> OK.equals(check.get()));
  }

  /**
   * Adds something that may work in a lesser way, which does not make the node unready.
   *
   * @param how says how; null while it works in full
   */
  public void mayDegrade(String name, Supplier<@Nullable String> how) {
    lesser.put(name, how);
  }

  /** What works in a lesser way now, by name. */
  public Map<String, String> degraded() {
    Map<String, String> now = new TreeMap<>();
    lesser.forEach(
        (name, how) -> {
          String said = how.get();
          if (said != null) {
            now.put(name, said);
          }
        });
    return now;
  }
}
