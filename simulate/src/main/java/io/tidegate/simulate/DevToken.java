package io.tidegate.simulate;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.UUID;
import org.jose4j.jwk.JsonWebKey;
import org.jose4j.jwk.JsonWebKey.OutputControlLevel;
import org.jose4j.jwk.JsonWebKeySet;
import org.jose4j.jwk.OctetKeyPairJsonWebKey;
import org.jose4j.jwk.OkpJwkGenerator;
import org.jose4j.jws.AlgorithmIdentifiers;
import org.jose4j.jws.JsonWebSignature;
import org.jose4j.jwt.JwtClaims;
import org.jose4j.jwt.NumericDate;
import org.jose4j.lang.JoseException;

/**
 * Tokens of the development issuer: an Ed25519 key kept as a JWK (RFC 8037) and the JWTs signed by
 * it. A node believes them only when its configuration names the key set that {@link #createKey}
 * writes.
 */
public final class DevToken {
  public static final String ISSUER = "tidegate-dev";
  public static final String AUDIENCE = "tidegate";

  /** The private key's file name in the data directory. */
  public static final String KEY_FILE = "dev-signing-key.jwk";

  /** The public key set's file name in the data directory. */
  public static final String JWKS_FILE = "dev-jwks.json";

  private DevToken() {}

  /**
   * Makes a new key pair. The public half is in place before the private one, so wherever the
   * private key is found its key set is too.
   *
   * @param jwk the private key's file (mode 0600), replaced when it exists
   * @param jwks the public key set's file, replaced when it exists
   */
  public static void createKey(Path jwk, Path jwks) throws IOException {
    OctetKeyPairJsonWebKey key;
    try {
      key = OkpJwkGenerator.generateJwk(OctetKeyPairJsonWebKey.SUBTYPE_ED25519);
    } catch (JoseException e) {
      throw new IOException("this JDK can't make an Ed25519 key: " + e.getMessage(), e);
    }
    key.setKeyId("dev-" + UUID.randomUUID());
    key.setAlgorithm(AlgorithmIdentifiers.EDDSA);
    key.setUse("sig");
    replace(jwks, new JsonWebKeySet(key).toJson(OutputControlLevel.PUBLIC_ONLY), "rw-r--r--");
    replace(jwk, key.toJson(OutputControlLevel.INCLUDE_PRIVATE), "rw-------");
  }

  /**
   * A signed token: header {@code alg: EdDSA} and {@code kid}, claims {@code iss, aud, sub, role,
   * iat, exp, jti}.
   *
   * @param role customer, agent, supervisor or admin
   * @throws IOException when the key's file is missing or holds no private Ed25519 key
   */
  public static String sign(Path jwk, String sub, String role, Duration ttl) throws IOException {
    var key = read(jwk);
    var claims = new JwtClaims();
    claims.setIssuer(ISSUER);
    claims.setAudience(AUDIENCE);
    claims.setSubject(sub);
    claims.setStringClaim("role", role);
    NumericDate now = NumericDate.now();
    claims.setIssuedAt(now);
    claims.setExpirationTime(NumericDate.fromSeconds(now.getValue() + ttl.toSeconds()));
    claims.setJwtId(UUID.randomUUID().toString());
    var jws = new JsonWebSignature();
    jws.setAlgorithmHeaderValue(AlgorithmIdentifiers.EDDSA);
    jws.setKeyIdHeaderValue(key.getKeyId());
    jws.setHeader("typ", "JWT");
    jws.setKey(key.getPrivateKey());
    jws.setPayload(claims.toJson());
    try {
      return jws.getCompactSerialization();
    } catch (JoseException e) {
      throw new IOException(jwk + ": can't sign with this key: " + e.getMessage(), e);
    }
  }

  private static OctetKeyPairJsonWebKey read(Path jwk) throws IOException {
    String json;
    try {
      json = Files.readString(jwk);
    } catch (NoSuchFileException e) {
      throw new IOException(
          jwk + ": no such file (expected: the key that `tidegate up` writes)", e);
    }
    try {
      if (JsonWebKey.Factory.newJwk(json) instanceof OctetKeyPairJsonWebKey key
          && OctetKeyPairJsonWebKey.SUBTYPE_ED25519.equals(key.getSubtype())
          && key.getPrivateKey() != null) {
        return key;
      }
    } catch (JoseException e) {
      throw new IOException(jwk + ": not a JWK: " + e.getMessage(), e);
    }
    throw new IOException(jwk + ": not a private Ed25519 key (expected: kty OKP, crv Ed25519, d)");
  }

  /** Replaces the file whole; its permissions hold from the moment it exists. */
  private static void replace(Path file, String content, String mode) throws IOException {
    Path directory = file.toAbsolutePath().getParent();
    Files.createDirectories(directory);
    FileAttribute<?>[] attributes =
        FileSystems.getDefault().supportedFileAttributeViews().contains("posix")
            ? new FileAttribute<?>[] {
              PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(mode))
            }
            : new FileAttribute<?>[0];
    Path fresh = Files.createTempFile(directory, "." + file.getFileName(), ".new", attributes);
    try {
      Files.writeString(fresh, content + "\n", StandardCharsets.UTF_8);
      Files.move(fresh, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(fresh);
    }
  }
}
