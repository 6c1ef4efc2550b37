package io.tidegate.profile;

import io.tidegate.bus.Failure;

/** What an id can look like: anything Postgres can hold as text, within limits. */
final class ProfileIds {
  /** UTF-16 units. */
  static final int MAX_LENGTH = 512;

  private ProfileIds() {}

  /**
   * Checks an id.
   *
   * @throws io.tidegate.bus.FailureException {@code BAD_REQUEST}: empty, too long, with a NUL or
   *     half a surrogate pair
   */
  static String checked(String id) {
    if (id.isEmpty() || id.length() > MAX_LENGTH) {
      throw Failure.BAD_REQUEST.because(
          "id: " + id.length() + " characters (expected: 1 to " + MAX_LENGTH + ")");
    }
    for (int i = 0; i < id.length(); i++) {
      char c = id.charAt(i);
      boolean pair =
          Character.isHighSurrogate(c)
              && i + 1 < id.length()
              && Character.isLowSurrogate(id.charAt(i + 1));
      if (c == 0 || (Character.isSurrogate(c) && !pair)) {
        throw Failure.BAD_REQUEST.because(
            "id: character " + (int) c + " at " + i + " (expected: Unicode text without NUL)");
      }
      if (pair) {
        i++;
      }
    }
    return id;
  }
}
