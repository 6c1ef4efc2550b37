package io.tidegate.ingestion;

/** Senders' text as it may stand in a message: short, on one line. */
final class Shown {
  private static final int MAX_CHARS = 64;

  private Shown() {}

  static String text(String text) {
    int shown = Math.min(text.length(), MAX_CHARS);
    StringBuilder line = new StringBuilder(shown + 1);
    for (int i = 0; i < shown; i++) {
      char c = text.charAt(i);
      boolean pair = i + 1 < shown && Character.isSurrogatePair(c, text.charAt(i + 1));
      if (pair) {
        line.append(c).append(text.charAt(++i));
      } else {
        line.append(Character.isISOControl(c) || Character.isSurrogate(c) ? '\uFFFD' : c);
      }
    }
    return shown < text.length() ? line.append('…').toString() : line.toString();
  }

  /** Whether it has neither control characters nor halves of surrogate pairs. */
  static boolean isPlain(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (Character.isHighSurrogate(c)
          && i + 1 < text.length()
          && Character.isLowSurrogate(text.charAt(i + 1))) {
        i++;
      } else if (Character.isISOControl(c) || Character.isSurrogate(c)) {
        return false;
      }
    }
    return true;
  }
}
