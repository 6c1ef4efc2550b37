package io.tidegate.simulate;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What came of a request, an answer or the lack of one.
 *
 * @param status HTTP's; 0 when there was no answer
 * @param detail what the problem document or the failed connection said; empty after a success
 * @param retryAfter when the server asked to wait
 */
record Answer(int status, String detail, @Nullable Duration retryAfter) {

  boolean succeeded() {
    return status >= 200 && status < 400;
  }

  boolean limited() {
    return status == 429;
  }

  /** The same request may succeed later, unchanged. */
  boolean worthRetrying() {
    return status == 0 || status == 408 || status == 429 || status >= 500;
  }

  /** How the final table names it. */
  String outcome() {
    return status == 0 ? detail : Integer.toString(status);
  }

  @Override
  public String toString() {
    return status == 0 || detail.isEmpty() ? outcome() : status + ": " + detail;
  }
}
