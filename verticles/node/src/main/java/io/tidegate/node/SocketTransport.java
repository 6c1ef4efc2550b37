package io.tidegate.node;

import io.vertx.core.transport.Transport;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** How a node's sockets are served (docs/adr/0011-levers.md has the measurements). */
enum SocketTransport {
  /** the first of the others that the machine offers */
  AUTO,
  IO_URING,
  EPOLL,
  NIO;

  /**
   * What it comes to here.
   *
   * @throws CommandFailure when the machine does not offer it
   */
  Transport here() {
    return switch (this) {
      case AUTO ->
          List.of(IO_URING, EPOLL).stream()
              .map(SocketTransport::vertx)
              .filter(each -> each != null && each.available())
              .findFirst()
              .orElse(Transport.NIO);
      case IO_URING, EPOLL -> {
        Transport transport = vertx();
        if (transport == null || !transport.available()) {
          throw new CommandFailure(
              "node.transport: %s (not offered by this machine: %s)"
                  .formatted(
                      name().toLowerCase(Locale.ROOT),
                      transport == null ? "no library for it" : transport.unavailabilityCause()));
        }
        yield transport;
      }
      case NIO -> Transport.NIO;
    };
  }

  /** Null where Vert.x finds no library for it. */
  private @Nullable Transport vertx() {
    return this == IO_URING ? Transport.IO_URING : Transport.EPOLL;
  }
}
