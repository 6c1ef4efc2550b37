package io.tidegate.load;

import com.google.errorprone.annotations.FormatMethod;
import java.util.Locale;

/**
 * What became of something a scenario asserts.
 *
 * @param outcome whether it holds
 * @param text what was asserted, and what was found
 */
record Verdict(Outcome outcome, String text) {

  /** Whether an assertion holds. */
  enum Outcome {
    PASS,
    FAIL,
    /** It could not be looked at, so that nobody can say that the run has passed. */
    UNKNOWN,
    /** An option of the user's rules it out; that fails no run. */
    SKIPPED
  }

  @FormatMethod
  static Verdict of(boolean holds, String format, Object... values) {
    return new Verdict(
        holds ? Outcome.PASS : Outcome.FAIL, String.format(Locale.ROOT, format, values));
  }

  static Verdict unknown(String why) {
    return new Verdict(Outcome.UNKNOWN, why);
  }

  static Verdict skipped(String why) {
    return new Verdict(Outcome.SKIPPED, why);
  }
}
