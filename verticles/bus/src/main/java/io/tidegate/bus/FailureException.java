package io.tidegate.bus;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An expected failure: a code, a message for whoever has to act, and members for the problem
 * document. Carries no stack trace, since where it was thrown says nothing that the code does not.
 * Only code and message cross the bus.
 */
public final class FailureException extends RuntimeException {
  private final Failure failure;
  private final @Nullable Duration retryAfter;
  private final Map<String, Object> members = new LinkedHashMap<>();

  /**
   * @param retryAfter when trying again makes sense; null where it does not, or nobody knows
   */
  public FailureException(Failure failure, String message, @Nullable Duration retryAfter) {
    super(message, null, false, false);
    this.failure = failure;
    this.retryAfter = retryAfter;
  }

  public Failure failure() {
    return failure;
  }

  public @Nullable Duration retryAfter() {
    return retryAfter;
  }

  @Override
  public String getMessage() {
    String message = super.getMessage();
    return message == null ? failure.name() : message;
  }

  /** Extension members of the problem document, in the order they were added. */
  public Map<String, Object> members() {
    return members;
  }

  /** Adds an extension member: the index of an event in its batch, say. */
  public FailureException with(String member, Object value) {
    members.put(member, value);
    return this;
  }

  /**
   * Any throwable as an expected failure; what was not expected becomes {@link Failure#INTERNAL}.
   */
  public static FailureException of(Throwable cause) {
    return cause instanceof FailureException expected
        ? expected
        : new FailureException(Failure.INTERNAL, "unexpected: " + cause, null);
  }
}
