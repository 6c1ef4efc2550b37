package io.tidegate.load;

/** Why a load test can't go on, in words for whoever started it. */
final class LoadFailure extends RuntimeException {
  LoadFailure(String message) {
    super(message, null, false, false);
  }
}
