package io.tidegate.projection;

/** A record that can't become part of a profile, and why; it goes to the dead-letter topic. */
final class UnprojectableException extends Exception {
  UnprojectableException(String reason) {
    super(reason, null, false, false);
  }

  String reason() {
    return String.valueOf(getMessage());
  }
}
