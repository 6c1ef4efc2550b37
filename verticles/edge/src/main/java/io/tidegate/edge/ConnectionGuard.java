package io.tidegate.edge;

import io.netty.bootstrap.ChannelInitializerExtension;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.ServerChannel;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.ReferenceCountUtil;
import io.tidegate.bus.Failure;
import io.tidegate.bus.FailureException;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.impl.Http1xOrH2CHandler;
import io.vertx.core.http.impl.Http1xUpgradeToH2CHandler;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * Bounds connections from the moment they are accepted: how many there are, how long one may take
 * until its first request head is complete, and how long nothing may move on it. Vert.x shows a
 * clear-text connection only after that first head, so a client that drips one would otherwise be
 * seen by nobody. Puts {@link StrictRequestDecoder} in as well.
 *
 * <p>Netty calls it for every connection that any server of this process accepts, when the system
 * property {@code io.netty.bootstrap.extensions} is {@code serviceload} before the first channel is
 * made; it acts on the ports that an edge has named.
 */
public final class ConnectionGuard extends ChannelInitializerExtension {
  private static final String PROPERTY = "io.netty.bootstrap.extensions";
  private static final Map<Integer, Watch> BY_PORT = new ConcurrentHashMap<>();
  private static final Set<Channel> LISTENERS = ConcurrentHashMap.newKeySet();
  private static final AtomicBoolean LOADED = new AtomicBoolean();

  /** What holds for the connections of one port. */
  static final class Watch {
    private final int port;
    private final EdgeLoad load;
    private final long headTimeoutMs;
    private final long idleTimeoutMs;
    private final HttpServerOptions options;

    /** Those that have not sent a byte. */
    private final Set<Channel> untouched = ConcurrentHashMap.newKeySet();

    private Watch(int port, EdgeLoad load, EdgeConfig config, HttpServerOptions options) {
      this.port = port;
      this.load = load;
      this.headTimeoutMs = config.headTimeout().toMillis();
      this.idleTimeoutMs = config.idleTimeout().toMillis();
      this.options = options;
    }

    /**
     * Closes connections on which nothing has come yet: a server that shuts down doesn't know of
     * them, and would wait for them.
     */
    void closeUnused() {
      for (Channel channel : untouched) {
        if (channel.isRegistered()) {
          var unused = channel.close();
        }
      }
    }

    /**
     * Stops accepting; what is accepted stays. A server that shuts down does so too, but only after
     * its event loops no longer take what it accepts meanwhile.
     *
     * @return done on this context when nothing more is accepted
     */
    Future<Void> closeListener(Context context) {
      Promise<Void> closed = Promise.promise();
      for (Channel listener : LISTENERS) {
        if (listener.localAddress() instanceof InetSocketAddress local && local.getPort() == port) {
          var unused =
              listener
                  .close()
                  .addListener(done -> context.runOnContext(back -> closed.tryComplete()));
          return closed.future();
        }
      }
      return Future.succeededFuture();
    }

    /** New connections are no longer bounded. */
    void end() {
      BY_PORT.remove(port, this);
    }
  }

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

  /** Bounds a port's connections; all event loops that share the port share it. */
  static Watch watch(int port, EdgeLoad load, EdgeConfig config, HttpServerOptions options) {
    return BY_PORT.computeIfAbsent(port, unwatched -> new Watch(port, load, config, options));
  }

  @Override
  public void postInitializeServerListenerChannel(ServerChannel channel) {
    LISTENERS.add(channel);
    channel.closeFuture().addListener(closed -> LISTENERS.remove(channel));
  }

  @Override
  public void postInitializeServerChildChannel(Channel channel) {
    Watch watch =
        channel.localAddress() instanceof InetSocketAddress local
            ? BY_PORT.get(local.getPort())
            : null;
    if (watch == null) {
      return;
    }
    if (!watch.load.connect()) {
      channel.pipeline().addFirst(new Refusal(watch.load));
      return;
    }
    watch.untouched.add(channel);
    channel
        .closeFuture()
        .addListener(
            closed -> {
              watch.untouched.remove(channel);
              watch.load.disconnect();
            });
    channel.pipeline().addFirst(new IdleGuard(watch.idleTimeoutMs));
    channel.pipeline().addFirst(new HeadDeadline(watch));
    HangUp.install(channel);
    StrictRequestDecoder.install(channel, watch.options);
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

  /**
   * Closes a connection whose client sends no more, after what was answered already has gone out:
   * io_uring writes while it reads on, and a close would take back what is not written yet.
   */
  @Sharable
  private static final class HangUp extends ChannelInboundHandlerAdapter {
    private static final HangUp INSTANCE = new HangUp();

    static void install(Channel channel) {
      if (channel.config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true)) {
        channel.pipeline().addFirst(INSTANCE);
      }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
      if (event == ChannelInputShutdownEvent.INSTANCE) {
        var unused =
            ctx.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
      } else {
        ctx.fireUserEventTriggered(event);
      }
    }
  }

  private static final class HeadDeadline extends ChannelInboundHandlerAdapter {
    private final Watch watch;
    private @Nullable ScheduledFuture<?> deadline;
    private boolean used;

    HeadDeadline(Watch watch) {
      this.watch = watch;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
      if (!used) {
        used = true;
        watch.untouched.remove(ctx.channel());
      }
      ctx.fireChannelRead(message);
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
      deadline =
          ctx.executor().schedule(() -> check(ctx), watch.headTimeoutMs, TimeUnit.MILLISECONDS);
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
