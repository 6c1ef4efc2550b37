package io.tidegate.devstack;

/** A server that could not be started, reached or stopped; the message is one line for a person. */
public sealed class DevStackException extends RuntimeException permits Ports.Taken {
  private static final long serialVersionUID = 1L;

  DevStackException(String message) {
    super(message);
  }

  DevStackException(String message, Throwable cause) {
    super(message, cause);
  }
}
