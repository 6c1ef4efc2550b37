package io.tidegate.routing;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import io.vertx.core.internal.ContextInternal;
import io.vertx.core.internal.buffer.BufferInternal;
import io.vertx.core.internal.net.NetSocketInternal;
import io.vertx.core.net.NetSocket;
import io.vertx.core.net.impl.ShutdownEvent;
import java.nio.channels.ClosedChannelException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * An HTTP/1.1 connection to an endpoint, which carries one call after the other (RFC 9112). What is
 * read is handed to the call on its own context; the fields are confined to the connection's event
 * loop.
 *
 * <p>It goes back to its pool when request and answer have ended and all that was read belonged to
 * the answer: whatever comes unasked would be taken for the next call's answer, so it ends the
 * connection.
 */
final class UpstreamConnection extends ChannelInboundHandlerAdapter {
  private final ConnectionPool pool;
  private final ResponseDecoder decoder;
  private final ChannelHandlerContext ctx;
  private final AtomicBoolean ended = new AtomicBoolean();
  private @Nullable UpstreamCall call;
  // Of the call's answer: what came of it, and whether another may follow.
  private boolean interim;
  private boolean answerEnded;
  private boolean requestEnded;
  private boolean keptAlive;
  private long keepForNanos;
  private volatile long expiresAt;

  private UpstreamConnection(ConnectionPool pool, ChannelPipeline pipeline) {
    this.pool = pool;
    this.decoder = new ResponseDecoder(pool.maxResponseHead());
    pipeline.addBefore("handler", "response-decoder", decoder);
    pipeline.addBefore("handler", "upstream", this);
    this.ctx = pipeline.context(this);
  }

  /** Makes one of a socket, on the socket's event loop. */
  static UpstreamConnection over(NetSocket socket, ConnectionPool pool) {
    ChannelHandlerContext last = ((NetSocketInternal) socket).channelHandlerContext();
    return new UpstreamConnection(pool, last.pipeline());
  }

  ChannelHandlerContext ctx() {
    return ctx;
  }

  boolean isOpen() {
    return !ended.get() && ctx.channel().isActive();
  }

  /** Whether it has been idle for as long as it may be. */
  boolean isExpired(long nanoTime) {
    return nanoTime - expiresAt >= 0;
  }

  /**
   * Ends it, and frees its place at once: what is still to be written may take as long as the
   * endpoint likes. From this handler on, since Vert.x's would wait until all of that is written.
   */
  void close() {
    free();
    cut();
  }

  private void free() {
    if (retire()) {
      pool.gone(this);
    }
  }

  /** The place first: who is told may want another connection at once. */
  private void fail(Throwable cause) {
    free();
    broken(cause);
    cut();
  }

  /** Whether its place is free by this call, and not by an earlier one; {@link #cut} is left. */
  boolean retire() {
    return ended.compareAndSet(false, true);
  }

  void cut() {
    var unused = ctx.close();
  }

  /** A call over it, which is nobody else's until then; any thread. */
  UpstreamCall call(ContextInternal owner) {
    return new UpstreamCall(this, owner);
  }

  /** Offers it for its first call, unless it has ended before anybody could hear of it. */
  void opened() {
    if (isOpen()) {
      keepFor(pool.keepAliveNanos());
      pool.release(this);
    } else {
      close();
    }
  }

  // --- from the call, on the connection's event loop ---

  /**
   * What comes now is the call's.
   *
   * @param headOnly whether the answer has no body whatever its head says: to HEAD
   */
  void begin(UpstreamCall begun, boolean headOnly) {
    call = begun;
    decoder.begin(headOnly);
    interim = false;
    answerEnded = false;
    requestEnded = false;
    if (!isOpen() || decoder.hasRest()) {
      fail(new ClosedChannelException());
    }
  }

  /** All of the request was handed over. */
  void requestEnded(UpstreamCall of) {
    if (call == of) {
      requestEnded = true;
      if (answerEnded) {
        endCall();
      }
    }
  }

  /** Whether more is read; of no effect once the call is over. */
  void reading(UpstreamCall of, boolean on) {
    if (call == of && !answerEnded) {
      ctx.channel().config().setAutoRead(on);
    }
  }

  /** Gives up a call that has begun: what comes of it can't be told from the next one's. */
  void giveUp(UpstreamCall of) {
    if (call == of) {
      call = null;
      close();
    }
  }

  // --- from the endpoint ---

  @Override
  public void channelRead(ChannelHandlerContext from, Object message) {
    try {
      if (message instanceof HttpObject part) {
        read(part);
      } else { // the decoder gave up
        close();
      }
    } finally {
      ReferenceCountUtil.release(message);
    }
  }

  private void read(HttpObject part) {
    UpstreamCall current = call;
    if (part.decoderResult().isFailure()) {
      fail(part.decoderResult().cause());
      return;
    }
    if (current == null || answerEnded) { // nobody asked
      call = null;
      close();
      return;
    }
    if (part instanceof HttpResponse head) {
      headCame(current, head);
    }
    if (part instanceof HttpContent content && call == current) {
      boolean last = part instanceof LastHttpContent;
      if (interim) {
        interim = !last;
        return;
      }
      ByteBuf bytes = content.content();
      if (bytes.isReadable()) {
        current.pieceCame(BufferInternal.safeBuffer(bytes.retain()));
      }
      if (last) {
        answerEnded = true;
        current.endCame(((LastHttpContent) part).trailingHeaders());
      }
    }
  }

  private void headCame(UpstreamCall current, HttpResponse head) {
    int status = head.status().code();
    HttpVersion version = head.protocolVersion();
    if (!version.equals(HttpVersion.HTTP_1_1) && !version.equals(HttpVersion.HTTP_1_0)) {
      fail(new IllegalStateException("version " + version));
      return;
    }
    // RFC 9110 15.2: others may follow, and a proxy need not pass them on. 101 ends HTTP.
    if (status >= 100 && status < 200 && status != 101) {
      interim = true;
      return;
    }
    keptAlive = status != 101 && HttpUtil.isKeepAlive(head);
    keepForNanos = keepAlive(head.headers().get("keep-alive"));
    current.headCame(head);
  }

  /** How long it may be idle: as long as we want, unless the endpoint says less. */
  private long keepAlive(@Nullable String keepAlive) {
    long ours = pool.keepAliveNanos();
    if (keepAlive == null) {
      return ours;
    }
    for (String parameter : keepAlive.split(",", -1)) {
      String text = parameter.strip();
      if (text.startsWith("timeout=")) {
        try {
          long seconds = Long.parseLong(text.substring("timeout=".length()));
          return Math.min(ours, TimeUnit.SECONDS.toNanos(Math.max(0, seconds)));
        } catch (NumberFormatException odd) {
          return ours;
        }
      }
    }
    return ours;
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext from) {
    if (answerEnded && requestEnded && call != null) {
      endCall();
    }
  }

  private void endCall() {
    call = null;
    if (keptAlive && keepForNanos > 0 && !decoder.hasRest()) {
      keepFor(keepForNanos);
      release();
    } else {
      close();
    }
  }

  private void keepFor(long nanos) {
    expiresAt = System.nanoTime() + nanos;
  }

  /** Gives it back, after a call or because none was sent. */
  void release() {
    ctx.channel().config().setAutoRead(true);
    pool.release(this);
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext from) {
    UpstreamCall current = call;
    if (current != null && from.channel().isWritable()) {
      current.roomCame();
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext from) {
    fail(new ClosedChannelException());
    from.fireChannelInactive();
  }

  /** Our side closes it in the middle of an answer whose end would be the connection's. */
  @Override
  public void userEventTriggered(ChannelHandlerContext from, Object event) {
    if (event instanceof ShutdownEvent) {
      fail(new ClosedChannelException());
    }
    from.fireUserEventTriggered(event);
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext from, Throwable cause) {
    fail(cause);
  }

  private void broken(Throwable cause) {
    UpstreamCall current = call;
    if (current != null && !answerEnded) {
      call = null;
      current.broken(cause);
    }
  }
}
