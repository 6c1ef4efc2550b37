package io.tidegate.simulate;

/** An end that one line explains. */
final class Stopped extends Exception {
  Stopped(String message) {
    super(message, null, false, false);
  }
}
