package io.tidegate.routing;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpHeadersFactory;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpResponseDecoder;
import io.netty.handler.codec.http.LastHttpContent;
import java.util.List;

/**
 * Netty's decoder of answers, which also knows what the answer to HEAD is and whether it is between
 * two of them.
 */
final class ResponseDecoder extends HttpResponseDecoder {
  private static final HttpHeadersFactory FIELDS =
      new HttpHeadersFactory() {
        @Override
        public HttpHeaders newHeaders() {
          return FieldSyntax.fields();
        }

        @Override
        public HttpHeaders newEmptyHeaders() {
          return FieldSyntax.fields();
        }
      };

  private boolean headOnly;
  private boolean midway;

  ResponseDecoder(int maxHead) {
    super(new HttpDecoderConfig().setMaxHeaderSize(maxHead).setHeadersFactory(FIELDS));
  }

  @Override
  protected boolean isContentAlwaysEmpty(HttpMessage message) {
    return headOnly || super.isContentAlwaysEmpty(message);
  }

  @Override
  protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) throws Exception {
    int bytes = in.readableBytes();
    int parts = out.size();
    super.decode(ctx, in, out);
    if (out.size() > parts) {
      midway = !(out.get(out.size() - 1) instanceof LastHttpContent);
    } else if (in.readableBytes() < bytes) {
      midway = true; // a head is read line by line
    }
  }

  /** Whether something was read that makes no whole message yet. */
  boolean hasRest() {
    return midway || actualReadableBytes() > 0;
  }

  /** Another call: what comes is the answer to it. */
  void begin(boolean toHead) {
    headOnly = toHead;
  }
}
