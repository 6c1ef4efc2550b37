package io.tidegate.ingestion;

import java.security.SecureRandom;
import java.util.SplittableRandom;
import java.util.UUID;

/**
 * Message ids for events that come without one: UUIDs of version 7 (RFC 9562), so that ids made at
 * one time lie together in an index. They have to be unique, not secret.
 */
final class MessageIds {
  private final SplittableRandom random = new SplittableRandom(new SecureRandom().nextLong());

  String next(long epochMs) {
    long high = epochMs << 16 | 0x7000 | random.nextInt(0x1000);
    long low = Long.MIN_VALUE | random.nextLong() >>> 2;
    return new UUID(high, low).toString();
  }
}
