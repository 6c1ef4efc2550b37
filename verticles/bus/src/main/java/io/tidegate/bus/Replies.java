package io.tidegate.bus;

import io.vertx.core.eventbus.ReplyException;

/** What the event bus says of a call that brought no reply, in terms of {@link Failure}. */
final class Replies {
  private Replies() {}

  static FailureException failure(Channel channel, Throwable cause) {
    if (!(cause instanceof ReplyException reply)) {
      return FailureException.of(cause);
    }
    return switch (reply.failureType()) {
      case NO_HANDLERS ->
          Failure.ROLE_UNAVAILABLE.because("nobody serves " + channel.address() + " there");
      case TIMEOUT -> Failure.BUS_TIMEOUT.because("no answer on " + channel.address() + " in time");
      default -> {
        Failure known = Failure.ofCode(reply.failureCode());
        String message = reply.getMessage();
        yield (known == null ? Failure.INTERNAL : known)
            .because(message == null ? channel.address() + " failed" : message);
      }
    };
  }
}
