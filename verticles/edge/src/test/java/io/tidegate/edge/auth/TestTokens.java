package io.tidegate.edge.auth;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jose4j.jwk.EcJwkGenerator;
import org.jose4j.jwk.JsonWebKey;
import org.jose4j.jwk.JsonWebKey.OutputControlLevel;
import org.jose4j.jwk.JsonWebKeySet;
import org.jose4j.jwk.OctetKeyPairJsonWebKey;
import org.jose4j.jwk.OkpJwkGenerator;
import org.jose4j.jwk.PublicJsonWebKey;
import org.jose4j.jwk.RsaJwkGenerator;
import org.jose4j.jws.AlgorithmIdentifiers;
import org.jose4j.jws.JsonWebSignature;
import org.jose4j.jwt.JwtClaims;
import org.jose4j.jwt.NumericDate;
import org.jose4j.keys.EllipticCurves;
import org.jose4j.lang.JoseException;

/** An issuer for tests: keys of each type, and tokens signed by them. */
public final class TestTokens {
  public final PublicJsonWebKey rsa;
  public final PublicJsonWebKey ec;
  public final PublicJsonWebKey ed;

  public TestTokens() {
    try {
      rsa =
          named(RsaJwkGenerator.generateJwk(2_048), "rsa-1", AlgorithmIdentifiers.RSA_USING_SHA256);
      ec =
          named(
              EcJwkGenerator.generateJwk(EllipticCurves.P256),
              "ec-1",
              AlgorithmIdentifiers.ECDSA_USING_P256_CURVE_AND_SHA256);
      ed = newEd("ed-1");
    } catch (JoseException e) {
      throw new IllegalStateException(e);
    }
  }

  static PublicJsonWebKey newEd(String id) {
    try {
      return named(
          OkpJwkGenerator.generateJwk(OctetKeyPairJsonWebKey.SUBTYPE_ED25519),
          id,
          AlgorithmIdentifiers.EDDSA);
    } catch (JoseException e) {
      throw new IllegalStateException(e);
    }
  }

  private static PublicJsonWebKey named(PublicJsonWebKey key, String id, String algorithm) {
    key.setKeyId(id);
    key.setAlgorithm(algorithm);
    return key;
  }

  /** The public halves as a key set. */
  public String jwks() {
    return jwks(rsa, ec, ed);
  }

  static String jwks(JsonWebKey... keys) {
    return new JsonWebKeySet(List.of(keys)).toJson(OutputControlLevel.PUBLIC_ONLY);
  }

  /** Good claims, for an hour from now. */
  public static JwtClaims claims(String subject, String role) {
    JwtClaims claims = new JwtClaims();
    claims.setIssuer("tidegate");
    claims.setAudience("tidegate");
    claims.setSubject(subject);
    claims.setStringClaim("role", role);
    claims.setExpirationTime(
        NumericDate.fromSeconds(Instant.now().plus(Duration.ofHours(1)).getEpochSecond()));
    return claims;
  }

  /** A good token. */
  public String token(String subject, String role) {
    return sign(ed, claims(subject, role));
  }

  public static String sign(PublicJsonWebKey key, JwtClaims claims) {
    JsonWebSignature jws = new JsonWebSignature();
    jws.setAlgorithmHeaderValue(key.getAlgorithm());
    jws.setKeyIdHeaderValue(key.getKeyId());
    jws.setKey(key.getPrivateKey());
    jws.setPayload(claims.toJson());
    try {
      return jws.getCompactSerialization();
    } catch (JoseException e) {
      throw new IllegalStateException(e);
    }
  }
}
