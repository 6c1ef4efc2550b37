package io.tidegate.simulate;

import java.io.PrintWriter;
import java.util.Locale;
import java.util.function.Consumer;

/**
 * Says each step of a tool as it is done, a line with the seconds since the beginning. Safe from
 * any thread.
 *
 * @param begin by {@link System#nanoTime}
 */
public record Steps(PrintWriter err, long begin) implements Consumer<String> {
  @Override
  public void accept(String what) {
    synchronized (err) {
      err.printf(Locale.ROOT, "%6.1f s  %s%n", (System.nanoTime() - begin) / 1e9, what);
      err.flush();
    }
  }
}
