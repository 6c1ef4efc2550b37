package io.tidegate.edge;

import io.tidegate.bus.Failure;
import io.tidegate.bus.FailureException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.zip.GZIPInputStream;

/**
 * Unzips gzip (RFC 1952) up to a bound: what would be larger is given up the moment it passes the
 * bound.
 */
final class Gunzip {
  private static final int STEP = 8 * 1024;

  private Gunzip() {}

  /**
   * The content.
   *
   * @throws FailureException {@link Failure#PAYLOAD_TOO_LARGE}, or {@link Failure#BAD_REQUEST} when
   *     it is no whole gzip
   */
  static byte[] unzip(byte[] zipped, int limit) {
    ByteArrayOutputStream out =
        new ByteArrayOutputStream(Math.min(limit, Math.max(STEP, zipped.length * 4)));
    byte[] step = new byte[STEP];
    try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(zipped), STEP)) {
      for (int n = in.read(step); n >= 0; n = in.read(step)) {
        if (out.size() + n > limit) {
          throw Failure.PAYLOAD_TOO_LARGE.because(
              "body: more than " + limit + " bytes unzipped (expected: <= " + limit + ")");
        }
        out.write(step, 0, n);
      }
    } catch (IOException e) {
      throw Failure.BAD_REQUEST.because(
          "body: broken gzip: " + e.getMessage() + " (expected: RFC 1952)");
    }
    return out.toByteArray();
  }
}
