package io.tidegate.edge;

import io.tidegate.bus.Failure;
import io.tidegate.bus.FailureException;
import java.io.ByteArrayOutputStream;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/**
 * Unzips gzip (RFC 1952) up to a bound: what would be larger is given up the moment it passes the
 * bound. The JDK's own stream calls itself for each empty member, so that a small body of nothing
 * else overflows the stack; members are bounded here.
 */
final class Gunzip {
  /** One is what everybody sends; tools that append to a file make more. */
  private static final int MAX_MEMBERS = 16;

  private static final int STEP = 8 * 1024;
  private static final int HEADER = 10;
  private static final int TRAILER = 8;
  private static final int HEADER_CRC = 2;
  private static final int EXTRA = 4;
  private static final int NAME = 8;
  private static final int COMMENT = 16;
  private static final int RESERVED = 0xe0;

  private final byte[] zipped;
  private final int limit;
  private final ByteArrayOutputStream out;
  private final byte[] step = new byte[STEP];
  private int at;

  private Gunzip(byte[] zipped, int limit) {
    this.zipped = zipped;
    this.limit = limit;
    this.out = new ByteArrayOutputStream(Math.min(limit, Math.max(STEP, zipped.length * 4)));
  }

  /**
   * The content.
   *
   * @throws FailureException {@link Failure#PAYLOAD_TOO_LARGE}, or {@link Failure#BAD_REQUEST} when
   *     it is no whole gzip, or one of more than 16 members
   */
  static byte[] unzip(byte[] zipped, int limit) {
    return new Gunzip(zipped, limit).all();
  }

  private byte[] all() {
    Inflater inflater = new Inflater(true);
    try {
      int members = 0;
      do {
        if (members++ == MAX_MEMBERS) {
          throw broken("more than " + MAX_MEMBERS + " members");
        }
        header();
        inflater.reset();
        content(inflater);
      } while (at < zipped.length);
    } catch (DataFormatException e) {
      throw broken(String.valueOf(e.getMessage()));
    } finally {
      inflater.end();
    }
    return out.toByteArray();
  }

  private void header() {
    int start = at;
    require(HEADER);
    if (zipped[at] != 0x1f || zipped[at + 1] != (byte) 0x8b || zipped[at + 2] != 8) {
      throw broken("not in gzip format");
    }
    int flags = zipped[at + 3];
    if ((flags & RESERVED) != 0) {
      throw broken("reserved flags");
    }
    at += HEADER;
    if ((flags & EXTRA) != 0) {
      require(2);
      int length = littleEndian(2);
      require(length);
      at += length;
    }
    if ((flags & NAME) != 0) {
      passText();
    }
    if ((flags & COMMENT) != 0) {
      passText();
    }
    if ((flags & HEADER_CRC) != 0) {
      CRC32 crc = new CRC32();
      crc.update(zipped, start, at - start);
      require(2);
      if (littleEndian(2) != (crc.getValue() & 0xffff)) {
        throw broken("a header that does not fit its checksum");
      }
    }
  }

  private void content(Inflater inflater) throws DataFormatException {
    CRC32 crc = new CRC32();
    inflater.setInput(zipped, at, zipped.length - at);
    while (!inflater.finished()) {
      int n = inflater.inflate(step);
      if (n == 0 && !inflater.finished()) {
        throw broken(inflater.needsDictionary() ? "a dictionary" : "no end");
      }
      if (out.size() + n > limit) {
        throw Failure.PAYLOAD_TOO_LARGE.because(
            "body: more than " + limit + " bytes unzipped (expected: <= " + limit + ")");
      }
      crc.update(step, 0, n);
      out.write(step, 0, n);
    }
    at = zipped.length - inflater.getRemaining();
    require(TRAILER);
    if (littleEndian(4) != (int) crc.getValue()
        || littleEndian(4) != (int) inflater.getBytesWritten()) {
      throw broken("content that does not fit its checksum");
    }
  }

  private void passText() {
    do {
      require(1);
    } while (zipped[at++] != 0);
  }

  private int littleEndian(int bytes) {
    int number = 0;
    for (int i = 0; i < bytes; i++) {
      number |= (zipped[at++] & 0xff) << (8 * i);
    }
    return number;
  }

  private void require(int bytes) {
    if (zipped.length - at < bytes) {
      throw broken("no end");
    }
  }

  private static FailureException broken(String what) {
    return Failure.BAD_REQUEST.because("body: broken gzip: " + what + " (expected: RFC 1952)");
  }
}
