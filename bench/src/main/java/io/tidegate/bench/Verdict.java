package io.tidegate.bench;

import java.util.Locale;

/**
 * What a bar came to.
 *
 * @param figure the figures that the value was made of, in words
 * @param value what the bar is about, a ratio or an amount
 * @param whyNot why there is no value; empty when there is one
 */
record Verdict(Bar bar, String figure, double value, String whyNot) {
  private static final int SHOWN = 100;

  static Verdict of(Bar bar, double value, String figure) {
    return new Verdict(bar, figure, value, "");
  }

  static Verdict notMeasured(Bar bar, String why) {
    return new Verdict(bar, "", 0, why.isBlank() ? "nobody said why" : why);
  }

  boolean isMeasured() {
    return whyNot.isEmpty();
  }

  boolean isPassed() {
    return isMeasured() && bar.isCleared(value);
  }

  /** PASS, MISS, or why it is neither. */
  String word() {
    if (!isMeasured()) {
      String why = whyNot.length() <= SHOWN ? whyNot : whyNot.substring(0, SHOWN) + "...";
      return "not measured: " + why;
    }
    return isPassed() ? "PASS" : "MISS";
  }

  /** With three digits or so. */
  String valueText() {
    if (!isMeasured()) {
      return "-";
    }
    return String.format(
        Locale.ROOT, value >= 100 ? "%,.0f" : value >= 10 ? "%.1f" : "%.2f", value);
  }
}
