package io.tidegate.bus;

import org.jspecify.annotations.Nullable;

/**
 * Everything that can go wrong on purpose, with a stable code. The thousands tell whose fault it
 * was; the edge maps each to an HTTP status and a gRPC status in one file.
 */
public enum Failure {
  // 1xxx: the caller's
  BAD_REQUEST(1000),
  INVALID_EVENT(1001),
  INVALID_TOKEN(1002),
  UNAUTHENTICATED(1003),
  FORBIDDEN(1004),
  NOT_FOUND(1005),
  NO_ROUTE(1006),
  METHOD_NOT_ALLOWED(1007),
  REQUEST_TIMEOUT(1008),
  PAYLOAD_TOO_LARGE(1009),
  URI_TOO_LONG(1010),
  UNSUPPORTED_MEDIA_TYPE(1011),
  HEADERS_TOO_LARGE(1012),
  UNKNOWN_WRITE_KEY(1013),
  CLIENT_CLOSED(1015),

  // 2xxx: too much at once
  RATE_LIMITED(2000),
  OVERLOADED(2001),
  DRAINING(2002),

  // 3xxx: something we depend on
  LOG_UNAVAILABLE(3000),
  STORE_UNAVAILABLE(3001),
  ROLE_UNAVAILABLE(3002),
  KEYS_UNAVAILABLE(3003),
  UPSTREAM_REFUSED(3100),
  UPSTREAM_TIMEOUT(3101),
  UPSTREAM_FAILED(3102),
  BREAKER_OPEN(3103),
  NO_ENDPOINT(3104),

  // 4xxx: ours
  INTERNAL(4000),
  BUS_TIMEOUT(4001);

  private final int code;

  Failure(int code) {
    this.code = code;
  }

  /** The stable number, the same in every version. */
  public int code() {
    return code;
  }

  /** Whose fault it is. */
  public Blame blame() {
    return switch (code / 1000) {
      case 1 -> Blame.CALLER;
      case 2 -> Blame.OVERLOAD;
      case 3 -> Blame.DEPENDENCY;
      default -> Blame.INTERNAL;
    };
  }

  /** The failure with this code, or null when this version does not know it. */
  public static @Nullable Failure ofCode(int code) {
    for (Failure failure : values()) {
      if (failure.code == code) {
        return failure;
      }
    }
    return null;
  }

  /** A new exception of this failure. The message says the value and what was expected. */
  public FailureException because(String message) {
    return new FailureException(this, message, null);
  }

  /** Groups of failures by who has to act. */
  public enum Blame {
    CALLER,
    OVERLOAD,
    DEPENDENCY,
    INTERNAL
  }
}
