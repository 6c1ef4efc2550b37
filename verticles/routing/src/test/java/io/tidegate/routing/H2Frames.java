package io.tidegate.routing;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;

/** HTTP/2 frames made by hand, with bytes in them that no client library lets through. */
final class H2Frames {
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final DataOutputStream out = new DataOutputStream(bytes);

  H2Frames() {
    write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(ISO_8859_1));
    frame(0x4, 0, 0, new byte[0]);
  }

  /** A GET without body. */
  H2Frames get(int stream, String path, String... fields) {
    ByteArrayOutputStream block = new ByteArrayOutputStream();
    field(block, ":method", "GET");
    field(block, ":scheme", "http");
    field(block, ":authority", "a");
    field(block, ":path", path);
    for (int i = 0; i < fields.length; i += 2) {
      field(block, fields[i], fields[i + 1]);
    }
    return frame(0x1, 0x4 | 0x1, stream, block.toByteArray());
  }

  H2Frames reset(int stream) {
    return frame(0x3, 0, stream, new byte[] {0, 0, 0, 8});
  }

  byte[] bytes() {
    return bytes.toByteArray();
  }

  private H2Frames frame(int type, int flags, int stream, byte[] payload) {
    try {
      out.writeShort(payload.length >> 8);
      out.writeByte(payload.length);
      out.writeByte(type);
      out.writeByte(flags);
      out.writeInt(stream);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    write(payload);
    return this;
  }

  private void write(byte[] some) {
    bytes.writeBytes(some);
  }

  /** RFC 7541 6.2.2: literal, never in the table, not Huffman-coded. */
  private static void field(ByteArrayOutputStream block, String name, String value) {
    block.write(0);
    for (String text : new String[] {name, value}) {
      byte[] octets = text.getBytes(ISO_8859_1);
      block.write(octets.length); // below 127
      block.writeBytes(octets);
    }
  }
}
