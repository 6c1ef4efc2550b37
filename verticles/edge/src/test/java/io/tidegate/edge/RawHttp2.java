package io.tidegate.edge;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.DefaultHttp2HeadersDecoder;
import io.netty.handler.codec.http2.Http2Headers;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.ByteBuffer;

/**
 * An HTTP/2 client that sends what no client library lets through, and never acknowledges settings.
 */
final class RawHttp2 implements AutoCloseable {
  private final Socket socket;
  private final DataOutputStream out;
  private final DataInputStream in;
  private final DefaultHttp2HeadersDecoder decoder = new DefaultHttp2HeadersDecoder(false);

  /** The end of a stream: its answer's status, or 0 and the code it was reset with. */
  record End(int stream, int status, int reset) {}

  RawHttp2(int port) throws IOException {
    socket = new Socket(InetAddress.getLoopbackAddress(), port);
    socket.setSoTimeout(10_000);
    out = new DataOutputStream(new java.io.BufferedOutputStream(socket.getOutputStream(), 1 << 20));
    in = new DataInputStream(socket.getInputStream());
    out.write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(ISO_8859_1));
    frame(0x4, 0, 0, new byte[0]);
  }

  /** A GET without body; sent with {@link #flush}. */
  RawHttp2 get(int stream, String path, String... fields) throws IOException {
    ByteArrayOutputStream block = new ByteArrayOutputStream();
    field(block, ":method", "GET");
    field(block, ":scheme", "http");
    field(block, ":authority", "a");
    field(block, ":path", path);
    for (int i = 0; i < fields.length; i += 2) {
      field(block, fields[i], fields[i + 1]);
    }
    frame(0x1, 0x4 | 0x1, stream, block.toByteArray());
    return this;
  }

  RawHttp2 flush() throws IOException {
    out.flush();
    return this;
  }

  /** Reads until the next GOAWAY and gives the last stream that it lets through. */
  int nextGoAway() throws IOException {
    return ByteBuffer.wrap(nextPayload(0x7)).getInt() & Integer.MAX_VALUE;
  }

  /** Reads the server's settings and gives what each stream may send ahead. */
  int nextWindow() throws IOException {
    int window = 65_535;
    ByteBuffer settings = ByteBuffer.wrap(nextPayload(0x4));
    while (settings.hasRemaining()) {
      short name = settings.getShort();
      int value = settings.getInt();
      window = name == 0x4 ? value : window;
    }
    return window;
  }

  /** Reads until the next WINDOW_UPDATE and gives what the connection may send ahead with it. */
  int nextConnectionWindow() throws IOException {
    return 65_535 + ByteBuffer.wrap(nextPayload(0x8)).getInt();
  }

  private byte[] nextPayload(int wanted) throws IOException {
    while (true) {
      int length = in.readUnsignedByte() << 16 | in.readUnsignedShort();
      int type = in.readUnsignedByte();
      in.skipNBytes(5);
      byte[] payload = in.readNBytes(length);
      if (type == wanted) {
        return payload;
      }
    }
  }

  /** Whether the server closes it, with nothing more than frames that answer nothing. */
  boolean isClosed() throws IOException {
    while (true) {
      int first = in.read();
      if (first < 0) {
        return true;
      }
      int length = first << 16 | in.readUnsignedShort();
      int type = in.readUnsignedByte();
      in.skipNBytes(5 + length);
      if (type == 0x1) {
        return false;
      }
    }
  }

  /** Reads until the next answer's head or reset. */
  End next() throws Exception {
    while (true) {
      int length = in.readUnsignedByte() << 16 | in.readUnsignedShort();
      int type = in.readUnsignedByte();
      int flags = in.readUnsignedByte();
      int stream = in.readInt();
      byte[] payload = in.readNBytes(length);
      if (type == 0x1) {
        Http2Headers head =
            decoder.decodeHeaders(
                stream, Unpooled.wrappedBuffer(payload).skipBytes((flags & 0x20) == 0 ? 0 : 5));
        return new End(stream, Integer.parseInt(head.status().toString()), 0);
      }
      if (type == 0x3) {
        return new End(stream, 0, payload[3]);
      }
    }
  }

  private void frame(int type, int flags, int stream, byte[] payload) throws IOException {
    out.writeByte(payload.length >> 16);
    out.writeShort(payload.length);
    out.writeByte(type);
    out.writeByte(flags);
    out.writeInt(stream);
    out.write(payload);
  }

  /** RFC 7541, 6.2.2: literal, never in the table, not Huffman-coded. */
  private static void field(ByteArrayOutputStream block, String name, String value) {
    block.write(0);
    for (String text : new String[] {name, value}) {
      byte[] octets = text.getBytes(ISO_8859_1);
      block.write(octets.length); // below 127
      block.writeBytes(octets);
    }
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
