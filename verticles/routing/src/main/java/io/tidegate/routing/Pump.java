package io.tidegate.routing;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.streams.ReadStream;
import io.vertx.core.streams.WriteStream;
import org.jspecify.annotations.Nullable;

/**
 * Moves a body from one side to the other at the speed of the slower one, and tells of each piece.
 * Unlike a Vert.x pipe it does not end the destination, as only the caller knows how.
 */
final class Pump {
  private final ReadStream<Buffer> from;
  private final WriteStream<Buffer> to;
  private final Runnable moved;
  // What is still to come of a body of known length; below 0 when the length isn't known.
  private long left = -1;
  private @Nullable Buffer last;
  private boolean ended;

  /**
   * @param moved called for each piece that was taken and each time that the destination has room
   *     again
   */
  Pump(ReadStream<Buffer> from, WriteStream<Buffer> to, Runnable moved) {
    this.from = from;
    this.to = to;
    this.moved = moved;
  }

  /**
   * Has the piece that completes the body kept for the end, so that both go out as one.
   *
   * @param length of the whole body
   */
  void expect(long length) {
    left = length;
  }

  /** The piece that was kept for the end; null when all pieces were written. */
  @Nullable Buffer last() {
    return last;
  }

  /**
   * @param atEnd called when the source has ended
   */
  void start(Runnable atEnd) {
    to.drainHandler(
        room -> {
          moved.run();
          from.resume();
        });
    from.endHandler(
        end -> {
          ended = true;
          atEnd.run();
        });
    from.handler(
        piece -> {
          moved.run();
          if (left > 0) {
            left -= piece.length();
            if (left == 0) {
              last = piece;
              return;
            }
          }
          // What is not written shows elsewhere: each side tells that it is gone.
          var unused = to.write(piece);
          if (to.writeQueueFull()) {
            from.pause();
          }
        });
    from.resume();
  }

  /** Whether all of the source was moved. */
  boolean ended() {
    return ended;
  }

  /** Whether it is the destination that the source waits for. */
  boolean waitsForDestination() {
    return to.writeQueueFull();
  }
}
