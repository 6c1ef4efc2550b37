package io.tidegate.simulate;

import java.io.PrintWriter;
import java.util.Locale;

/**
 * Where a command writes: results to one side, progress and complaints to the other.
 *
 * @param live whether progress may redraw its line
 */
record Terminal(PrintWriter out, PrintWriter err, boolean live) {

  static String number(double value) {
    return String.format(Locale.ROOT, "%,.1f", value);
  }
}
