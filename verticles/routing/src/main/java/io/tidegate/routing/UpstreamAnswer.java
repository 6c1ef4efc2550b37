package io.tidegate.routing;

import io.netty.handler.codec.http.HttpResponse;
import io.vertx.core.Handler;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.streams.ReadStream;
import java.util.ArrayDeque;
import java.util.Map;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/**
 * An upstream's answer as it comes. It waits until somebody handles its body; while it waits, or is
 * paused, nothing more is read from the connection, so that what is held back is what was read in
 * one go. Lives on its call's context.
 */
final class UpstreamAnswer implements ReadStream<Buffer> {
  private final HttpResponse head;
  private final UpstreamCall call;
  private final Queue<Buffer> held = new ArrayDeque<>(0);
  private @Nullable Handler<Buffer> handler;
  private @Nullable Handler<Void> atEnd;
  private @Nullable Handler<Throwable> whenCutOff;
  private final MultiMap trailers = HttpHeaders.headers();
  private boolean flowing;
  private boolean readStopped;
  private boolean delivering;
  private boolean whole;
  private boolean done;

  UpstreamAnswer(HttpResponse head, UpstreamCall call) {
    this.head = head;
    this.call = call;
  }

  int statusCode() {
    return head.status().code();
  }

  HttpVersion version() {
    return head.protocolVersion().minorVersion() == 0 ? HttpVersion.HTTP_1_0 : HttpVersion.HTTP_1_1;
  }

  MultiMap headers() {
    return (MultiMap) head.headers(); // by the decoder's factory
  }

  /** What came behind the body; complete once it has ended. */
  MultiMap trailers() {
    return trailers;
  }

  // --- from the call ---

  void piece(Buffer piece) {
    held.add(piece);
    deliver();
    if (!held.isEmpty()) {
      stopReading();
    }
  }

  void end(io.netty.handler.codec.http.HttpHeaders fields) {
    for (Map.Entry<String, String> field : fields) {
      trailers.add(field.getKey(), field.getValue());
    }
    whole = true;
    deliver();
  }

  void cutOff(Throwable cause) {
    if (!done) {
      done = true;
      held.clear();
      if (whenCutOff != null) {
        whenCutOff.handle(cause);
      }
    }
  }

  private void deliver() {
    if (delivering) {
      return;
    }
    delivering = true;
    try {
      while (flowing && !held.isEmpty()) {
        Buffer next = held.remove();
        if (handler != null) {
          handler.handle(next);
        }
      }
    } finally {
      delivering = false;
    }
    if (flowing && whole && !done) {
      done = true;
      if (atEnd != null) {
        atEnd.handle(null);
      }
    }
  }

  private void stopReading() {
    if (!readStopped && !whole) {
      readStopped = true;
      call.reading(false);
    }
  }

  /** Whether nothing is read until its reader wants more. */
  boolean isHeldBack() {
    return readStopped;
  }

  // --- from the reader ---

  @Override
  public UpstreamAnswer handler(@Nullable Handler<Buffer> each) {
    handler = each;
    return this;
  }

  @Override
  public UpstreamAnswer endHandler(@Nullable Handler<Void> end) {
    atEnd = end;
    return this;
  }

  @Override
  public UpstreamAnswer exceptionHandler(@Nullable Handler<Throwable> broken) {
    whenCutOff = broken;
    return this;
  }

  @Override
  public UpstreamAnswer pause() {
    flowing = false;
    stopReading();
    return this;
  }

  @Override
  public UpstreamAnswer resume() {
    flowing = true;
    deliver();
    if (flowing && readStopped && !done) {
      readStopped = false;
      call.reading(true);
    }
    return this;
  }

  @Override
  public UpstreamAnswer fetch(long amount) {
    throw new UnsupportedOperationException("pause and resume only");
  }
}
