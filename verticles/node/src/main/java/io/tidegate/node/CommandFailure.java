package io.tidegate.node;

/** A command could not do what was asked; the message is all that the user needs. */
final class CommandFailure extends RuntimeException {
  CommandFailure(String message) {
    super(message, null, false, false);
  }
}
