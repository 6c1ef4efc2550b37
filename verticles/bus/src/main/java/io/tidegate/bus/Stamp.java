package io.tidegate.bus;

import com.google.protobuf.ByteString;
import io.tidegate.proto.cluster.Snapshot;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Comparator;

/**
 * Which of two states of a shared truth counts: the later revision, and of one revision the content
 * with the greater hash, so that all nodes choose the same.
 *
 * @param revision milliseconds since 1970; 0 for nothing yet
 * @param hash 48 bits of the content's SHA-256, so that metrics and JSON show it exactly
 */
record Stamp(long revision, long hash) implements Comparable<Stamp> {
  static final Stamp NONE = new Stamp(0, 0);

  private static final Comparator<Stamp> ORDER =
      Comparator.comparingLong(Stamp::revision).thenComparingLong(Stamp::hash);

  static Stamp of(Snapshot snapshot) {
    return new Stamp(snapshot.getRevision(), hash(snapshot.getContent()));
  }

  static long hash(ByteString content) {
    try {
      MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
      sha256.update(content.asReadOnlyByteBuffer());
      return ByteBuffer.wrap(sha256.digest()).getLong() >>> 16;
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  boolean after(Stamp other) {
    return compareTo(other) > 0;
  }

  @Override
  public int compareTo(Stamp other) {
    return ORDER.compare(this, other);
  }
}
