package io.tidegate.bench;

import java.time.Duration;

/**
 * One that takes part in a comparison.
 *
 * @param name as tables show it
 * @param process whose processor time and memory count
 * @param compiles whether it compiles while it runs, and so has to warm up
 * @param load sends requests for so long
 */
record Contender(String name, Child process, boolean compiles, Load load) {
  /** Sends requests for so long and counts them. */
  @FunctionalInterface
  interface Load {
    LoadResult run(Duration time) throws InterruptedException;
  }
}
