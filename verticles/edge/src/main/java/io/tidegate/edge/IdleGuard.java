package io.tidegate.edge;

import io.netty.channel.Channel;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Closes a connection on which nothing was read or written for the idle limit, whatever is under
 * way on it; up to a quarter later. Netty's own handler asks for the time and listens to the end of
 * each write, for every message; this one notes that there was one.
 */
final class IdleGuard extends ChannelDuplexHandler {
  private static final int LOOKS = 4;

  private final long betweenLooksMs;
  private @Nullable ScheduledFuture<?> nextLook;
  private boolean moved;
  private int quietLooks;
  private long unwritten;

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
  public void flush(ChannelHandlerContext ctx) {
    moved = true;
    ctx.flush();
  }

  private void lookLater(ChannelHandlerContext ctx) {
    nextLook = ctx.executor().schedule(() -> look(ctx), betweenLooksMs, TimeUnit.MILLISECONDS);
  }

  private void look(ChannelHandlerContext ctx) {
    long before = unwritten;
    unwritten = unwritten(ctx.channel());
    quietLooks = moved || unwritten != before ? 0 : quietLooks + 1;
    moved = false;
    if (quietLooks < LOOKS) {
      lookLater(ctx);
    } else {
      var unused = ctx.close();
    }
  }

  /** What a slow client has not taken yet: while it takes some, it is not idle. */
  private static long unwritten(Channel channel) {
    ChannelOutboundBuffer waiting = channel.unsafe().outboundBuffer();
    return waiting == null ? 0 : waiting.totalPendingWriteBytes();
  }
}
