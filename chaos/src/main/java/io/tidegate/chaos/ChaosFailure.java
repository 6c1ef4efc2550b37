package io.tidegate.chaos;

/** The harness itself could not do something; the message is all that the user needs. */
final class ChaosFailure extends RuntimeException {
  ChaosFailure(String message) {
    super(message, null, false, false);
  }
}
