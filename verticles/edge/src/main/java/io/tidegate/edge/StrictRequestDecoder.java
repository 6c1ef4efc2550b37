package io.tidegate.edge;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.DecoderResult;
import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.netty.handler.ssl.SslHandler;
import io.tidegate.bus.Failure;
import io.tidegate.bus.FailureException;
import io.tidegate.routing.FieldSyntax;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.impl.Http1xOrH2CHandler;
import io.vertx.core.http.impl.VertxHttpRequestDecoder;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Vert.x's decoder of HTTP/1 requests with {@link Framing}'s rules: a head that breaks one is an
 * invalid request, and nothing behind it is read. Netty would mend such heads silently (it drops
 * the Content-Length beside a Transfer-Encoding), so that nobody after it could tell.
 */
final class StrictRequestDecoder extends VertxHttpRequestDecoder {
  /** Vert.x's name for its own; it takes the decoder out by it. */
  private static final String NAME = "httpDecoder";

  private StrictRequestDecoder(HttpServerOptions options) {
    super(options);
  }

  /** Takes the place of Vert.x's decoder in a new connection, should that turn out to be HTTP/1. */
  static void install(Channel channel, HttpServerOptions options) {
    channel.pipeline().addFirst(new FirstBytes(options));
  }

  /** As Vert.x does, but for who checks the fields. */
  @Override
  protected HttpMessage createMessage(String[] line) {
    return new DefaultHttpRequest(
        HttpVersion.valueOf(line[2]), HttpMethod.valueOf(line[0]), line[1], FieldSyntax.fields());
  }

  /** Netty asks when a head is complete, before it looks for the body. */
  @Override
  protected boolean isContentAlwaysEmpty(HttpMessage message) {
    if (message instanceof HttpRequest head) {
      try {
        Framing.check(head);
      } catch (FailureException broken) {
        // Vert.x upgrades without a look at whether the head was valid, and tells HTTP/1.0 to stay.
        head.headers().remove(HttpHeaderNames.UPGRADE);
        head.headers().set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
        throw broken;
      }
    }
    return super.isContentAlwaysEmpty(message);
  }

  @Override
  protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) throws Exception {
    super.decode(ctx, in, out);
    if (!out.isEmpty()
        && out.getLast() instanceof LastHttpContent end
        && !(end instanceof HttpMessage) // an invalid head is whole at once
        && end.decoderResult().isFailure()) {
      end.setDecoderResult(
          DecoderResult.failure(
              Failure.BAD_REQUEST.because("body: a broken chunk (expected: RFC 9112, 7.1)")));
      ctx.pipeline().addAfter(ctx.name(), null, new LastWord());
    }
  }

  /** Vert.x adds what tells the protocols apart after this connection's first handlers. */
  private static final class FirstBytes extends ChannelInboundHandlerAdapter {
    private final HttpServerOptions options;

    FirstBytes(HttpServerOptions options) {
      this.options = options;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
      ChannelPipeline pipeline = ctx.pipeline();
      Class<? extends ChannelHandler> chooser =
          options.isSsl() ? SslHandler.class : Http1xOrH2CHandler.class;
      pipeline.addAfter(pipeline.context(chooser).name(), null, new Replacement(options));
      pipeline.remove(this);
      ctx.fireChannelRead(message);
    }
  }

  /** Sits where the decoder will be put behind it, before the decoder sees anything. */
  private static final class Replacement extends ChannelInboundHandlerAdapter {
    private final HttpServerOptions options;

    Replacement(HttpServerOptions options) {
      this.options = options;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
      ChannelPipeline pipeline = ctx.pipeline();
      if (pipeline.get(NAME) != null) {
        pipeline.replace(NAME, NAME, new StrictRequestDecoder(options));
        pipeline.remove(this);
      } else if (pipeline.get(Http2ConnectionHandler.class) != null) {
        pipeline.remove(this);
      }
      ctx.fireChannelRead(message);
    }
  }

  /**
   * Lets the answer to a broken body out: Vert.x tells the request of it and closes at once,
   * without sending what was written meanwhile, or is going to be.
   */
  private static final class LastWord extends ChannelOutboundHandlerAdapter {
    private static final long PATIENCE_MS = 1_000;

    private boolean written;
    private @Nullable ChannelPromise closing;

    @Override
    public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
      written = true;
      var unused = ctx.write(message, promise);
    }

    @Override
    public void flush(ChannelHandlerContext ctx) {
      ctx.flush();
      if (written && closing != null) {
        var unused = ctx.close(closing);
      }
    }

    @Override
    public void close(ChannelHandlerContext ctx, ChannelPromise promise) {
      if (written || closing != null) {
        ctx.flush();
        var unused = ctx.close(promise);
        return;
      }
      closing = promise;
      var unused =
          ctx.executor()
              .schedule(
                  () -> {
                    var unusedClose = ctx.close(promise);
                  },
                  PATIENCE_MS,
                  TimeUnit.MILLISECONDS);
    }
  }
}
