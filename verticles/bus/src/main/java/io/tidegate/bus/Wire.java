package io.tidegate.bus;

import com.google.protobuf.Message;
import io.vertx.core.eventbus.DeliveryOptions;
import io.vertx.core.eventbus.ReplyException;
import java.net.ConnectException;

/** How messages look to Vert.x's event bus, and what it says of those that fail. */
final class Wire {
  private Wire() {}

  static DeliveryOptions options(Message message, Trace trace) {
    DeliveryOptions options = new DeliveryOptions().setCodecName(ProtoCodec.nameOf(message));
    if (!trace.requestId().isEmpty()) {
      options.addHeader(Trace.REQUEST_ID, trace.requestId());
    }
    if (!trace.traceparent().isEmpty()) {
      options.addHeader(Trace.TRACEPARENT, trace.traceparent());
    }
    return options;
  }

  /** Whether nobody listens there any more. */
  static boolean refused(Throwable cause) {
    for (Throwable each = cause; each != null; each = each.getCause()) {
      if (each instanceof ConnectException
          && String.valueOf(each.getMessage()).contains("refused")) {
        return true;
      }
    }
    return false;
  }

  /** A call that brought no reply, in terms of {@link Failure}. */
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
