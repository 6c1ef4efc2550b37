package io.tidegate.simulate;

import java.io.Console;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.Optional;

/**
 * Where a command writes: results to one side, progress and complaints to the other.
 *
 * @param live whether progress may redraw its line
 */
public record Terminal(PrintWriter out, PrintWriter err, boolean live) {

  /** The two sides of a command; live when it runs at a terminal. */
  public static Terminal of(PrintWriter out, PrintWriter err) {
    boolean live = Optional.ofNullable(System.console()).map(Console::isTerminal).orElse(false);
    return new Terminal(out, err, live);
  }

  /** With thousands apart and one digit after the point. */
  public static String number(double value) {
    return String.format(Locale.ROOT, "%,.1f", value);
  }
}
