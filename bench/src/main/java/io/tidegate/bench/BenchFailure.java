package io.tidegate.bench;

/** Something can not be measured; the message is all that the user needs. */
final class BenchFailure extends RuntimeException {
  BenchFailure(String message) {
    super(message, null, false, false);
  }
}
