package io.tidegate.ingestion;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import java.util.Arrays;

/**
 * Room to put one event's JSON together in, used again for the next. Unlike java.io's, it takes no
 * lock.
 */
final class JsonBytes {
  private byte[] bytes = new byte[4_096];
  private int size;

  void clear() {
    size = 0;
  }

  int size() {
    return size;
  }

  JsonBytes add(byte[] from, int start, int end) {
    int length = end - start;
    room(length);
    System.arraycopy(from, start, bytes, size, length);
    size += length;
    return this;
  }

  JsonBytes add(char ascii) {
    room(1);
    bytes[size++] = (byte) ascii;
    return this;
  }

  JsonBytes add(String ascii) {
    byte[] from = ascii.getBytes(ISO_8859_1);
    return add(from, 0, from.length);
  }

  ByteString toByteString() {
    return UnsafeByteOperations.unsafeWrap(Arrays.copyOf(bytes, size));
  }

  private void room(int more) {
    if (bytes.length - size < more) {
      bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, size + more));
    }
  }
}
