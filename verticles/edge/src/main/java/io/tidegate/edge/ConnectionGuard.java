package io.tidegate.edge;

import io.netty.bootstrap.ChannelInitializerExtension;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.ReferenceCountUtil;
import io.tidegate.bus.Failure;
import io.tidegate.bus.FailureException;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.impl.Http1xOrH2CHandler;
import io.vertx.core.http.impl.Http1xUpgradeToH2CHandler;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * Bounds connections from the moment they are accepted: how many there are, and how long one may
 * take until its first request head is complete. Vert.x shows a clear-text connection only after
 * that first head, so a client that drips one would otherwise be seen by nobody. Puts {@link
 * StrictRequestDecoder} in as well.
 *
 * <p>Netty calls it for every connection that any server of this process accepts, when the system
 * property {@code io.netty.bootstrap.extensions} is {@code serviceload} before the first channel is
 * made; it acts on the ports that an edge has named.
 */
public final class ConnectionGuard extends ChannelInitializerExtension {
  private static final String PROPERTY = "io.netty.bootstrap.extensions";
  private static final Map<Integer, Rules> BY_PORT = new ConcurrentHashMap<>();
  private static final AtomicBoolean LOADED = new AtomicBoolean();

  private record Rules(EdgeLoad load, long headTimeoutMs, HttpServerOptions options) {}

  /** Called by Netty. */
  public ConnectionGuard() {
    LOADED.set(true);
  }

  /**
   * Makes Netty load the guard; to be called first thing in a process, before any channel is made.
   */
  public static void install() {
    System.setProperty(PROPERTY, "serviceload");
  }

  /**
   * Whether Netty has loaded it; false means that the process made a channel before {@link
   * #install}.
   */
  static boolean isLoaded() {
    return LOADED.get();
  }

  static void watch(int port, EdgeLoad load, EdgeConfig config, HttpServerOptions options) {
    BY_PORT.put(port, new Rules(load, config.headTimeout().toMillis(), options));
  }

  static void unwatch(int port) {
    BY_PORT.remove(port);
  }

  @Override
  public void postInitializeServerChildChannel(Channel channel) {
    Rules rules =
        channel.localAddress() instanceof InetSocketAddress local
            ? BY_PORT.get(local.getPort())
            : null;
    if (rules == null) {
      return;
    }
    if (!rules.load().connect()) {
      channel.pipeline().addFirst(new Refusal(rules.load()));
      return;
    }
    channel.closeFuture().addListener(closed -> rules.load().disconnect());
    channel.pipeline().addFirst(new HeadDeadline(rules.headTimeoutMs()));
    StrictRequestDecoder.install(channel, rules.options());
  }

  /** Answers at once, whatever the client wants, and closes. */
  private static final class Refusal extends ChannelInboundHandlerAdapter {
    private final EdgeLoad load;

    Refusal(EdgeLoad load) {
      this.load = load;
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
      String requestId = Traces.newId();
      FailureException why =
          Failure.OVERLOADED.because(
              "connections: "
                  + load.connections()
                  + " (expected: < "
                  + load.maxConnections()
                  + ")");
      load.faults()
          .add(requestId, "connect", Exchange.NO_ROUTE, Problems.status(why.failure()), why);
      if (ctx.pipeline().get(SslHandler.class) != null) {
        var unused = ctx.close();
        return;
      }
      var unused =
          ctx.writeAndFlush(Unpooled.wrappedBuffer(answer(why, requestId)))
              .addListener(ChannelFutureListener.CLOSE);
    }

    private static byte[] answer(FailureException why, String requestId) {
      byte[] problem = Problems.document(why, requestId).getBytes();
      String head =
          "HTTP/1.1 503 Service Unavailable\r\nContent-Type: "
              + Problems.CONTENT_TYPE
              + "\r\nContent-Length: "
              + problem.length
              + "\r\nX-Request-Id: "
              + requestId
              + "\r\nConnection: close\r\nCache-Control: no-store\r\nRetry-After: 1\r\n\r\n";
      return Buffer.buffer(head).appendBytes(problem).getBytes();
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
      ReferenceCountUtil.release(message);
    }
  }

  private static final class HeadDeadline extends ChannelInboundHandlerAdapter {
    private final long timeoutMs;
    private @Nullable ScheduledFuture<?> deadline;

    HeadDeadline(long timeoutMs) {
      this.timeoutMs = timeoutMs;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
      deadline = ctx.executor().schedule(() -> check(ctx), timeoutMs, TimeUnit.MILLISECONDS);
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
      if (deadline != null) {
        deadline.cancel(false);
      }
    }

    private void check(ChannelHandlerContext ctx) {
      if (sawHead(ctx.pipeline())) {
        ctx.pipeline().remove(this);
      } else {
        var unused = ctx.close();
      }
    }

    /** Vert.x takes these handlers out when the preface, or the first head, is complete. */
    private static boolean sawHead(ChannelPipeline pipeline) {
      return pipeline.get(Http1xOrH2CHandler.class) == null
          && pipeline.get(Http1xUpgradeToH2CHandler.class) == null;
    }
  }
}
