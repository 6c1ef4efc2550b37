package io.tidegate.bench;

/** Something can not be measured; the message is all that the user needs. */
final class BenchFailure extends RuntimeException {
  private static final int SHOWN = 200;

  BenchFailure(String message) {
    super(message, null, false, false);
  }

  /** The end of what a program printed, in one line. */
  static String lastWords(String printed) {
    String line = printed.strip().replaceAll("\\s*\\R\\s*", " | ");
    return line.length() <= SHOWN ? line : "..." + line.substring(line.length() - SHOWN);
  }
}
