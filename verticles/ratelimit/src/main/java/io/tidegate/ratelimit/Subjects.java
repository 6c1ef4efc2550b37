package io.tidegate.ratelimit;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * Keeps the names of subjects short: whoever chooses them must not choose how much memory they
 * take.
 */
final class Subjects {
  private static final int MAX_LENGTH = 128;

  private Subjects() {}

  /** The subject itself, or its digest when it is long. */
  static String shortened(String subject) {
    return subject.length() > MAX_LENGTH ? digest(subject) : subject;
  }

  private static String digest(String subject) {
    try {
      MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
      return HexFormat.of().formatHex(sha256.digest(subject.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
