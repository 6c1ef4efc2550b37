package io.tidegate.bench;

import java.io.IOException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * One that takes part in a comparison.
 *
 * @param name as tables show it
 * @param process whose processor time and memory count; null for a program that is its own load
 *     generator
 * @param set what is done before each measurement, uncounted
 * @param load sends requests for so long
 */
record Contender(String name, @Nullable Child process, Step set, Load load) {
  private static final Step NOTHING = () -> {};

  /** One that needs nothing done. */
  Contender(String name, @Nullable Child process, Load load) {
    this(name, process, NOTHING, load);
  }

  /** The same with something done before each measurement. */
  Contender after(Step first) {
    return new Contender(name, process, first, load);
  }

  /** Something that is done. */
  @FunctionalInterface
  interface Step {
    void run() throws InterruptedException, IOException;
  }

  /** Sends requests for so long and counts them. */
  @FunctionalInterface
  interface Load {
    LoadResult run(Duration time) throws InterruptedException, IOException;
  }

  /** What it has used so far. */
  Usage usage() {
    return process == null ? Usage.NOTHING : process.usage();
  }
}
