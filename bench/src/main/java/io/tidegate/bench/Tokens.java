package io.tidegate.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.stream.IntStream;
import org.jose4j.jwk.JsonWebKey.OutputControlLevel;
import org.jose4j.jwk.JsonWebKeySet;
import org.jose4j.jwk.RsaJsonWebKey;
import org.jose4j.jwk.RsaJwkGenerator;
import org.jose4j.jws.AlgorithmIdentifiers;
import org.jose4j.jws.JsonWebSignature;
import org.jose4j.jwt.JwtClaims;
import org.jose4j.lang.JoseException;

/**
 * An issuer of tokens for one run: RS256, which every contender that checks tokens knows.
 *
 * @param keySet file of the public key, as a JSON Web Key Set
 * @param publicKey file of the same key, PEM
 */
record Tokens(RsaJsonWebKey key, Path keySet, Path publicKey) {
  static final String ISSUER = "tidegate-bench";
  static final String AUDIENCE = "tidegate";

  private static final int KEY_BITS = 2_048;
  private static final int LINE = 64;
  private static final float MINUTES = 600;

  static Tokens in(Path directory) throws IOException {
    try {
      RsaJsonWebKey key = RsaJwkGenerator.generateJwk(KEY_BITS);
      key.setKeyId("bench");
      key.setAlgorithm(AlgorithmIdentifiers.RSA_USING_SHA256);
      key.setUse("sig");
      Path keySet = directory.resolve("jwks.json");
      Files.writeString(keySet, new JsonWebKeySet(key).toJson(OutputControlLevel.PUBLIC_ONLY));
      Path publicKey = directory.resolve("jwt.pem");
      Files.writeString(publicKey, pem(key.getPublicKey().getEncoded()));
      return new Tokens(key, keySet, publicKey);
    } catch (JoseException e) {
      throw new IOException("this JDK can't make an RSA key: " + e.getMessage(), e);
    }
  }

  private static String pem(byte[] encoded) {
    String body =
        Base64.getMimeEncoder(LINE, "\n".getBytes(StandardCharsets.US_ASCII))
            .encodeToString(encoded);
    return "-----BEGIN PUBLIC KEY-----\n" + body + "\n-----END PUBLIC KEY-----\n";
  }

  /** Authorizations of so many users, each of whom may read any profile. */
  List<String> bearers(int users) {
    return IntStream.rangeClosed(1, users).mapToObj(user -> bearer("user-" + user)).toList();
  }

  /** The value of an {@code Authorization} header that may read any profile. */
  String bearer(String subject) {
    JwtClaims claims = new JwtClaims();
    claims.setIssuer(ISSUER);
    claims.setAudience(AUDIENCE);
    claims.setSubject(subject);
    claims.setStringClaim("role", "agent");
    claims.setIssuedAtToNow();
    claims.setExpirationTimeMinutesInTheFuture(MINUTES);
    JsonWebSignature jws = new JsonWebSignature();
    jws.setAlgorithmHeaderValue(AlgorithmIdentifiers.RSA_USING_SHA256);
    jws.setKeyIdHeaderValue(key.getKeyId());
    jws.setHeader("typ", "JWT");
    jws.setKey(key.getPrivateKey());
    jws.setPayload(claims.toJson());
    try {
      return "Bearer " + jws.getCompactSerialization();
    } catch (JoseException e) {
      throw new IllegalStateException("can't sign with the key just made", e);
    }
  }
}
