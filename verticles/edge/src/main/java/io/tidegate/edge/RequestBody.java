package io.tidegate.edge;

import io.netty.channel.socket.DuplexChannel;
import io.tidegate.bus.Failure;
import io.tidegate.bus.FailureException;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.net.impl.ConnectionBase;
import org.jspecify.annotations.Nullable;

/**
 * What the client sends after the head: how much it says it will be, how much of the node's memory
 * it has taken, and what becomes of it when nobody wants the rest.
 */
final class RequestBody {
  /**
   * A body up to this is read and dropped so that the connection can be used again; beyond it, it
   * closes.
   */
  private static final long DROPPABLE = 64 * 1024;

  /**
   * How long a refused body is read and dropped, for the client to see the answer before the
   * connection closes.
   */
  private static final long LINGER_MS = 1_000;

  private final Vertx vertx;
  private final HttpServerRequest request;
  private final boolean http2;

  private final EdgeLoad load;
  private long held;
  private boolean over;
  private @Nullable FailureException broken;

  RequestBody(Vertx vertx, HttpServerRequest request, EdgeLoad load) {
    this.vertx = vertx;
    this.request = request;
    this.load = load;
    this.http2 = request.version() == HttpVersion.HTTP_2;
  }

  /** Whether the client has begun to send a body, or may. */
  boolean mayCome() {
    if (http2) {
      return !request.isEnded();
    }
    String length = request.getHeader(HttpHeaders.CONTENT_LENGTH);
    return (length != null && !length.equals("0"))
        || request.getHeader(HttpHeaders.TRANSFER_ENCODING) != null;
  }

  /** Bytes that the head promises; -1 when it does not say. */
  long declaredLength() {
    String length = request.getHeader(HttpHeaders.CONTENT_LENGTH);
    if (length == null) {
      return -1;
    }
    try {
      return Long.parseLong(length);
    } catch (NumberFormatException e) {
      throw Failure.BAD_REQUEST.because(
          "content-length: " + length + " (expected: a number of bytes)");
    }
  }

  boolean isDroppable() {
    long length = declaredLength();
    return length >= 0 && length <= DROPPABLE && request.getHeader(HttpHeaders.EXPECT) == null;
  }

  /**
   * Takes memory of the node's for it, until it is over or lets go.
   *
   * @throws FailureException {@link Failure#OVERLOADED} when there is none
   */
  void hold(long bytes) {
    if (over) {
      return;
    }
    if (!load.hold(bytes)) {
      throw Failure.OVERLOADED.because(
          "bodies held: "
              + load.bodyMemory()
              + " bytes, and "
              + bytes
              + " more (expected: <= "
              + load.maxBodyMemory()
              + ")");
    }
    held += bytes;
  }

  /** Lets go of memory that it took. */
  void letGo(long bytes) {
    long some = Math.min(bytes, held);
    held -= some;
    load.letGo(some);
  }

  /** The request was answered, or its client left: nothing is held from now on. */
  void over() {
    over = true;
    letGo(held);
  }

  boolean isOver() {
    return over;
  }

  /** Takes no more of it in for now. */
  void pause() {
    if (!request.isEnded()) { // HTTP/2 throws then
      request.pause();
      request.exceptionHandler(
          gone -> {
            if (gone instanceof FailureException why) {
              broken = why;
            }
          });
    }
  }

  /** What is wrong with it, found while it was paused; null when nothing was. */
  @Nullable FailureException broken() {
    return broken;
  }

  void resume() {
    if (!request.isEnded()) {
      request.resume();
    }
  }

  /** After a whole answer on HTTP/2: tells a client that still sends to stop (RFC 9113, 8.1). */
  void stop() {
    if (!request.isEnded()) {
      request.response().reset(0);
    }
  }

  /**
   * Closes the connection once the client has stopped sending, or after a while: closed at once, it
   * may lose the answer.
   */
  void closeSoon() {
    HttpConnection connection = request.connection();
    long timer = vertx.setTimer(LINGER_MS, late -> connection.close());
    if (!request.isEnded()) {
      request.endHandler(
          end -> {
            vertx.cancelTimer(timer);
            linger(connection);
          });
      request.handler(dropped -> {});
      request.resume();
    } else {
      vertx.cancelTimer(timer);
      linger(connection);
    }
  }

  /**
   * Sends the end of the connection, and goes on reading for a moment. What comes in on a closed
   * socket resets it, and the client may lose the answer that it did not read yet (RFC 9112, 9.6).
   */
  private void linger(HttpConnection connection) {
    if (request.isSSL()
        || !(connection instanceof ConnectionBase base)
        || !(base.channel() instanceof DuplexChannel channel)) {
      var unused = connection.close();
      return;
    }
    long timer = vertx.setTimer(LINGER_MS, late -> connection.close());
    channel.closeFuture().addListener(closed -> vertx.cancelTimer(timer));
    var unused = channel.shutdownOutput();
  }
}
