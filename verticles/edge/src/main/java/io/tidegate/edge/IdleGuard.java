package io.tidegate.edge;

import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelPromise;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Closes a connection on which nothing was read or written for the idle limit, whatever is under
 * way on it; up to a quarter later. While a client does not take what was sent to it, what it sends
 * does not count. Netty's own handler asks for the time and listens to the end of each write, for
 * every message; this one notes that there was one.
 */
final class IdleGuard extends ChannelDuplexHandler {
  private static final int LOOKS = 4;

  private final long betweenLooksMs;
  private @Nullable ScheduledFuture<?> nextLook;
  private boolean moved;
  private int quietLooks;

  /** What is being written, as of the last look; 0 when nothing was. */
  private int writing;

  private long written;

  IdleGuard(long idleTimeoutMs) {
    this.betweenLooksMs = Math.ceilDiv(idleTimeoutMs, LOOKS);
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    lookLater(ctx);
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext ctx) {
    if (nextLook != null) {
      nextLook.cancel(false);
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    moved = true;
    ctx.fireChannelRead(message);
  }

  @Override
  public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
    moved = true;
    var unused = ctx.write(message, promise);
  }

  private void lookLater(ChannelHandlerContext ctx) {
    nextLook = ctx.executor().schedule(() -> look(ctx), betweenLooksMs, TimeUnit.MILLISECONDS);
  }

  private void look(ChannelHandlerContext ctx) {
    quietLooks = stuck(ctx.channel().unsafe().outboundBuffer()) || !moved ? quietLooks + 1 : 0;
    moved = false;
    if (quietLooks < LOOKS) {
      lookLater(ctx);
      return;
    }
    SslHandler tls = ctx.pipeline().get(SslHandler.class);
    if (tls != null) {
      var unusedBye = tls.closeOutbound();
    }
    var unused = ctx.close();
  }

  /** Whether what was being written at the last look still is, and no further. */
  private boolean stuck(@Nullable ChannelOutboundBuffer waiting) {
    Object first = waiting == null ? null : waiting.current();
    int before = writing;
    long writtenBefore = written;
    writing = first == null ? 0 : System.identityHashCode(first);
    written = first == null || waiting == null ? 0 : waiting.currentProgress();
    return writing != 0 && writing == before && written == writtenBefore;
  }
}
