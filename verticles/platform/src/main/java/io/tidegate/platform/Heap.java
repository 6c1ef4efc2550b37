package io.tidegate.platform;

import java.util.OptionalLong;

/**
 * Limits of what a node holds at once are parts of its heap unless they are set, so that a node
 * that is given more memory makes use of it, and one that is given little does not run out of it.
 */
public final class Heap {
  private Heap() {}

  /**
   * A limit in bytes.
   *
   * @param set what the configuration says
   * @param parts else the heap's size, which does not change, by this
   */
  public static long share(OptionalLong set, int parts) {
    return set.orElse(part(parts));
  }

  /** The heap's size, by this. */
  public static long part(int parts) {
    return Runtime.getRuntime().maxMemory() / parts;
  }
}
