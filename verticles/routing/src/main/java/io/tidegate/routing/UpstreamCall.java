package io.tidegate.routing;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.HttpResponse;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.impl.headers.HeadersMultiMap;
import io.vertx.core.internal.ContextInternal;
import io.vertx.core.internal.buffer.BufferInternal;
import io.vertx.core.streams.WriteStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One request over a connection, and its answer. Lives on its owner's context, which may be on
 * another event loop than the connection.
 *
 * <p>The head goes out with the first piece of the body, or with its end.
 */
final class UpstreamCall implements WriteStream<Buffer> {
  private static final int MOST_ON_THE_WAY = 262_144;
  private static final short CRLF = '\r' << 8 | '\n';
  private static final byte[] CRLF_BYTES = {'\r', '\n'};
  private static final byte[] LAST_CHUNK = "0\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

  private final UpstreamConnection connection;
  private final ContextInternal owner;
  private final HeadersMultiMap headers = HeadersMultiMap.caseInsensitive(); // checked by head()
  private @Nullable Consumer<UpstreamAnswer> answered;
  private @Nullable Consumer<Throwable> lost;
  private @Nullable Handler<Void> drained;
  private @Nullable ByteBuf head;
  private @Nullable UpstreamAnswer answer;
  private boolean chunked;
  private boolean headOnly;
  private boolean begun;
  private boolean over;
  // For an owner on another event loop: what was read and did not get there yet.
  private final AtomicInteger onTheWay = new AtomicInteger();
  private volatile boolean heldBack;

  UpstreamCall(UpstreamConnection connection, ContextInternal owner) {
    this.connection = connection;
    this.owner = owner;
  }

  /** The request's, until it is sent. */
  MultiMap headers() {
    return headers;
  }

  /** Has the body sent in pieces of any number (RFC 9112 7.1). */
  void setChunked() {
    chunked = true;
    headers.set(HttpHeaders.TRANSFER_ENCODING, HttpHeaders.CHUNKED);
  }

  /**
   * Makes the request's head, to be sent with what follows.
   *
   * @param answered gets the answer once its head is there
   * @param lost told why there will be none, or no more of it; at most once
   * @throws IllegalArgumentException for what can't be written as HTTP/1.1
   */
  void head(
      HttpMethod method,
      String uri,
      String host,
      Consumer<UpstreamAnswer> answered,
      Consumer<Throwable> lost) {
    checkUri(uri);
    if (!headers.contains(HttpHeaders.HOST)) {
      headers.set(HttpHeaders.HOST, host);
    }
    this.answered = answered;
    this.lost = lost;
    HeadBytes bytes = new HeadBytes();
    bytes.requestLine(method.name(), uri);
    bytes.fields(headers);
    head = bytes.in(ctx().alloc());
    headOnly = method.equals(HttpMethod.HEAD);
  }

  /** What would end the request line early. */
  private static void checkUri(String uri) {
    for (int i = 0; i < uri.length(); i++) {
      char c = uri.charAt(i);
      if (c <= ' ' || c == 0x7f) {
        throw new IllegalArgumentException(
            "target: character "
                + (int) c
                + " at "
                + i
                + " (expected: one that may stand in a URI)");
      }
    }
  }

  private ChannelHandlerContext ctx() {
    return connection.ctx();
  }

  private void onLoop(Runnable task) {
    if (ctx().executor().inEventLoop()) {
      task.run();
    } else {
      ctx().executor().execute(task);
    }
  }

  // --- the request's body ---

  @Override
  public Future<Void> write(Buffer piece) {
    if (!over && piece.length() > 0) {
      ByteBuf first = begin();
      if (over) {
        return Future.succeededFuture();
      }
      ByteBuf bytes = ((BufferInternal) piece).getByteBuf();
      if (chunked) {
        ByteBuf size = first == null ? ctx().alloc().buffer(16) : first;
        ByteBufUtil.writeAscii(size, Integer.toHexString(piece.length()));
        size.writeShort(CRLF);
        out(size);
        out(bytes);
        flush(Unpooled.wrappedBuffer(CRLF_BYTES));
      } else {
        if (first != null) {
          out(first);
        }
        flush(bytes);
      }
    }
    return Future.succeededFuture(); // what is not written shows in the answer
  }

  /** Ends the request. */
  @Override
  public Future<Void> end() {
    drained = null;
    if (!over) {
      ByteBuf last = begin();
      if (over) {
        return Future.succeededFuture();
      }
      if (chunked) {
        last = last == null ? ctx().alloc().buffer(LAST_CHUNK.length) : last;
        last.writeBytes(LAST_CHUNK);
      }
      if (last != null) {
        flush(last);
      }
      onLoop(() -> connection.requestEnded(this));
    }
    return Future.succeededFuture();
  }

  /** The head, to be written now, before which no answer is taken for this call's. */
  private @Nullable ByteBuf begin() {
    if (head != null) {
      begun = true;
      onLoop(() -> connection.begin(this, headOnly)); // which may find it over
    }
    ByteBuf taken = head;
    head = null;
    return taken;
  }

  private void ends() {
    over = true;
    if (head != null) {
      head.release();
      head = null;
    }
  }

  private void out(ByteBuf bytes) {
    var unused = ctx().write(bytes, ctx().voidPromise());
  }

  private void flush(ByteBuf bytes) {
    var unused = ctx().writeAndFlush(bytes, ctx().voidPromise());
  }

  @Override
  public boolean writeQueueFull() {
    return !over && ctx().channel().isActive() && !ctx().channel().isWritable();
  }

  @Override
  public UpstreamCall drainHandler(@Nullable Handler<Void> handler) {
    drained = handler;
    return this;
  }

  @Override
  public UpstreamCall setWriteQueueMaxSize(int maxSize) {
    throw new UnsupportedOperationException("the channel's water marks hold");
  }

  @Override
  public UpstreamCall exceptionHandler(@Nullable Handler<Throwable> handler) {
    throw new UnsupportedOperationException("head() takes who is told");
  }

  /** Gives it up, if it is not over: its connection ends unless nothing was sent over it. */
  void reset() {
    if (!over) {
      ends();
      onLoop(begun ? () -> connection.giveUp(this) : connection::release);
    }
  }

  /** Whether more of the answer is to be read. */
  void reading(boolean on) {
    onLoop(
        () -> {
          if (!on || !heldBack) {
            connection.reading(this, on);
          }
        });
  }

  // --- the answer; the connection calls from its event loop ---

  void headCame(HttpResponse came) {
    owner.emit(came, this::headHere);
  }

  void pieceCame(Buffer piece) {
    if (owner.inThread()) {
      owner.emit(piece, this::pieceHere);
      return;
    }
    if (onTheWay.addAndGet(piece.length()) > MOST_ON_THE_WAY && !heldBack) {
      heldBack = true;
      connection.reading(this, false);
    }
    owner.emit(piece, this::pieceArrived);
  }

  private void pieceArrived(Buffer piece) {
    try {
      pieceHere(piece);
    } finally {
      if (onTheWay.addAndGet(-piece.length()) == 0 && heldBack) {
        heldBack = false;
        if (answer != null && !answer.isHeldBack()) {
          reading(true);
        }
      }
    }
  }

  void endCame(io.netty.handler.codec.http.HttpHeaders trailers) {
    owner.emit(trailers, this::endHere);
  }

  void roomCame() {
    owner.emit(this::roomHere);
  }

  void broken(Throwable cause) {
    owner.emit(cause, this::lostHere);
  }

  private void headHere(HttpResponse came) {
    Consumer<UpstreamAnswer> to = answered;
    if (!over && to != null) {
      UpstreamAnswer fresh = new UpstreamAnswer(came, this);
      answer = fresh;
      to.accept(fresh);
    }
  }

  private void pieceHere(Buffer piece) {
    if (!over && answer != null) {
      answer.piece(piece);
    }
  }

  private void endHere(io.netty.handler.codec.http.HttpHeaders trailers) {
    if (!over && answer != null) {
      answer.end(trailers);
    }
  }

  private void roomHere(@Nullable Void none) {
    if (!over && drained != null) {
      drained.handle(null);
    }
  }

  private void lostHere(Throwable cause) {
    if (over) {
      return;
    }
    ends();
    if (answer != null) {
      answer.cutOff(cause);
    } else if (lost != null) {
      lost.accept(cause);
    }
  }
}
