package io.tidegate.edge.auth;

import io.tidegate.bus.Failure;
import java.security.Key;
import java.security.interfaces.RSAPublicKey;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jose4j.jwk.EllipticCurveJsonWebKey;
import org.jose4j.jwk.JsonWebKey;
import org.jose4j.jwk.JsonWebKeySet;
import org.jose4j.jwk.OctetKeyPairJsonWebKey;
import org.jose4j.jwk.PublicJsonWebKey;
import org.jose4j.jwk.RsaJsonWebKey;
import org.jose4j.jws.AlgorithmIdentifiers;
import org.jose4j.lang.JoseException;
import org.jspecify.annotations.Nullable;

/**
 * The public keys of a JSON Web Key Set (RFC 7517) that may verify tokens, each bound to the one
 * algorithm that its type stands for. Immutable.
 */
final class KeySet {
  private static final int MIN_RSA_BITS = 2_048;

  private final List<VerificationKey> keys;
  private final Set<String> thumbprints = new HashSet<>();

  private KeySet(List<VerificationKey> keys) {
    this.keys = keys;
    keys.forEach(key -> thumbprints.add(key.thumbprint()));
  }

  /**
   * @param id the {@code kid}; null when the set gives none
   * @param algorithm RS256, ES256 or EdDSA: a token that says another is refused, whatever the key
   *     could do
   * @param thumbprint RFC 7638: what makes it the same key in another version of the set
   */
  record VerificationKey(@Nullable String id, String algorithm, Key key, String thumbprint) {}

  /**
   * Reads a set. Keys for encryption, secret keys and types that tokens may not use are left out.
   *
   * @throws IllegalArgumentException with what is wrong: no JSON, or no key that could verify
   *     anything
   */
  static KeySet parse(String json) {
    List<JsonWebKey> all;
    try {
      all = new JsonWebKeySet(json).getJsonWebKeys();
    } catch (JoseException | RuntimeException e) {
      throw new IllegalArgumentException("not a JSON Web Key Set: " + e.getMessage(), e);
    }
    List<VerificationKey> usable = new ArrayList<>();
    for (JsonWebKey key : all) {
      String algorithm = algorithmOf(key);
      if (algorithm != null && key instanceof PublicJsonWebKey pub) {
        usable.add(
            new VerificationKey(
                key.getKeyId(),
                algorithm,
                pub.getPublicKey(),
                key.calculateBase64urlEncodedThumbprint("SHA-256")));
      }
    }
    if (usable.isEmpty()) {
      throw new IllegalArgumentException(
          "no usable key among "
              + all.size()
              + " (expected: RSA of >= 2048 bits, P-256 or Ed25519, for signatures)");
    }
    return new KeySet(List.copyOf(usable));
  }

  private static @Nullable String algorithmOf(JsonWebKey key) {
    if (key.getUse() != null && !key.getUse().equals("sig")) {
      return null;
    }
    String algorithm =
        switch (key) {
          case RsaJsonWebKey rsa
              when rsa.getPublicKey() instanceof RSAPublicKey pub
                  && pub.getModulus().bitLength() >= MIN_RSA_BITS ->
              AlgorithmIdentifiers.RSA_USING_SHA256;
          case EllipticCurveJsonWebKey ec when ec.getCurveName().equals("P-256") ->
              AlgorithmIdentifiers.ECDSA_USING_P256_CURVE_AND_SHA256;
          case OctetKeyPairJsonWebKey okp when okp.getSubtype().equals("Ed25519") ->
              AlgorithmIdentifiers.EDDSA;
          default -> null;
        };
    return key.getAlgorithm() == null || key.getAlgorithm().equals(algorithm) ? algorithm : null;
  }

  /**
   * The key that a token's header names.
   *
   * @param id the header's {@code kid}; null picks the set's only key for the algorithm
   * @return null when the set has no such key, so that a newer set may
   * @throws io.tidegate.bus.FailureException {@link Failure#INVALID_TOKEN} when the key is there
   *     but the algorithm is not its own
   */
  @Nullable VerificationKey find(@Nullable String id, String algorithm) {
    VerificationKey found = null;
    for (VerificationKey key : keys) {
      if (id == null ? key.algorithm().equals(algorithm) : id.equals(key.id())) {
        if (found != null && id == null) {
          throw Failure.INVALID_TOKEN.because(
              "kid: absent (expected: one, since the key set has several keys for "
                  + algorithm
                  + ")");
        }
        found = key;
      }
    }
    if (found != null && !found.algorithm().equals(algorithm)) {
      throw Failure.INVALID_TOKEN.because(
          "alg: "
              + algorithm
              + " (expected: "
              + found.algorithm()
              + ", which key '"
              + id
              + "' is for)");
    }
    return found;
  }

  boolean contains(String thumbprint) {
    return thumbprints.contains(thumbprint);
  }

  int size() {
    return keys.size();
  }

  boolean sameKeys(KeySet other) {
    return thumbprints.equals(other.thumbprints);
  }
}
