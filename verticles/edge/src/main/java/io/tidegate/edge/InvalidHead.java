package io.tidegate.edge;

import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.tidegate.bus.Failure;
import io.tidegate.bus.FailureException;
import org.jspecify.annotations.Nullable;

/** What is wrong with a request head that could not be read. */
final class InvalidHead {
  private InvalidHead() {}

  static FailureException failureOf(@Nullable Throwable cause, EdgeConfig config) {
    return switch (cause) {
      case TooLongHttpLineException line ->
          Failure.URI_TOO_LONG.because(
              "request line: too long (expected: <= " + config.maxRequestLineBytes() + " bytes)");
      case TooLongHttpHeaderException header ->
          Failure.HEADERS_TOO_LARGE.because(
              "header fields: too long (expected: <= " + config.maxHeaderBytes() + " bytes)");
      case FailureException rule -> rule;
      case null, default ->
          Failure.BAD_REQUEST.because("request head: malformed (expected: RFC 9112)");
    };
  }
}
