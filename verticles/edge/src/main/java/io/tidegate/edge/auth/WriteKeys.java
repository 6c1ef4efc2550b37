package io.tidegate.edge.auth;

import io.smallrye.config.Secret;
import io.tidegate.bus.Failure;
import io.tidegate.bus.FailureException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The write keys that ingestion accepts, held as SHA-256 digests: a lookup's time tells nothing
 * about how much of a guess was right, and no key stays in memory in the clear. Safe from any
 * thread.
 */
final class WriteKeys {
  private static final int MAX_CREDENTIALS = 1_024;

  private final Map<ByteBuffer, String> nameByDigest = new HashMap<>();

  WriteKeys(Map<String, Secret<String>> keyByName) {
    keyByName.forEach(
        (name, key) -> {
          if (key.get().isEmpty()) {
            throw new IllegalArgumentException(
                "auth.write-keys." + name + ": empty (expected: a key)");
          }
          String other = nameByDigest.put(digest(key.get()), name);
          if (other != null) {
            throw new IllegalArgumentException(
                "auth.write-keys."
                    + name
                    + ": the key of "
                    + other
                    + " too (expected: a key of its own)");
          }
        });
  }

  /**
   * The name of the key that an Authorization header carries as Basic user name (RFC 7617); the
   * password is not looked at, since some SDKs send one and some do not.
   *
   * @throws FailureException {@link Failure#UNKNOWN_WRITE_KEY}
   */
  String nameOf(@Nullable String authorization) {
    if (authorization == null) {
      throw Failure.UNKNOWN_WRITE_KEY.because(
          "authorization: absent (expected: Basic, with the write key as user name)");
    }
    if (!authorization.regionMatches(true, 0, "Basic ", 0, 6)) {
      throw Failure.UNKNOWN_WRITE_KEY.because(
          "authorization: another scheme (expected: Basic, with the write key as user name)");
    }
    String encoded = authorization.substring(6).strip();
    if (encoded.length() > MAX_CREDENTIALS) {
      throw Failure.UNKNOWN_WRITE_KEY.because(
          "authorization: "
              + encoded.length()
              + " characters (expected: <= "
              + MAX_CREDENTIALS
              + ")");
    }
    byte[] credentials;
    try {
      credentials = Base64.getDecoder().decode(encoded);
    } catch (IllegalArgumentException e) {
      throw Failure.UNKNOWN_WRITE_KEY.because(
          "authorization: broken Base64 (expected: Basic, RFC 7617)");
    }
    String pair = new String(credentials, StandardCharsets.UTF_8);
    int colon = pair.indexOf(':');
    return nameOfKey(colon < 0 ? pair : pair.substring(0, colon));
  }

  /**
   * The name of a key.
   *
   * @throws FailureException {@link Failure#UNKNOWN_WRITE_KEY}
   */
  String nameOfKey(String key) {
    String name = nameByDigest.get(digest(key));
    if (name == null) {
      throw Failure.UNKNOWN_WRITE_KEY.because(
          "write key: unknown (expected: one of the configured)");
    }
    return name;
  }

  private static ByteBuffer digest(String key) {
    try {
      return ByteBuffer.wrap(
          MessageDigest.getInstance("SHA-256").digest(key.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("this JDK has no SHA-256", e);
    }
  }
}
