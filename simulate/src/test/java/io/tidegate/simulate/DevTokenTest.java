package io.tidegate.simulate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import org.jose4j.jwa.AlgorithmConstraints;
import org.jose4j.jwk.JsonWebKeySet;
import org.jose4j.jwt.consumer.InvalidJwtException;
import org.jose4j.jwt.consumer.JwtConsumer;
import org.jose4j.jwt.consumer.JwtConsumerBuilder;
import org.jose4j.keys.resolvers.JwksVerificationKeyResolver;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DevTokenTest {
  @TempDir Path dir;

  @Test
  void aSignedTokenVerifiesAgainstThePublishedKeySet() throws Exception {
    Path jwk = dir.resolve("data").resolve(DevToken.KEY_FILE);
    Path jwks = dir.resolve("data").resolve(DevToken.JWKS_FILE);
    DevToken.createKey(jwk, jwks);

    String token = DevToken.sign(jwk, "42", "customer", Duration.ofMinutes(5));

    var context = verifier(jwks).process(token);
    var claims = context.getJwtClaims();
    assertThat(claims.getSubject()).isEqualTo("42");
    assertThat(claims.getStringClaimValue("role")).isEqualTo("customer");
    assertThat(claims.getExpirationTime().getValue() - claims.getIssuedAt().getValue())
        .isEqualTo(300);
    assertThat(context.getJoseObjects().getFirst().getKeyIdHeaderValue()).startsWith("dev-");
  }

  @Test
  void thePrivateHalfStaysPrivate() throws Exception {
    Path jwk = dir.resolve(DevToken.KEY_FILE);
    Path jwks = dir.resolve(DevToken.JWKS_FILE);
    DevToken.createKey(jwk, jwks);

    assertThat(Files.readString(jwk)).contains("\"d\":");
    assertThat(Files.readString(jwks)).contains("\"x\":").doesNotContain("\"d\":");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(jwk)))
        .isEqualTo("rw-------");
    assertThat(dir.toFile().list())
        .containsExactlyInAnyOrder(DevToken.KEY_FILE, DevToken.JWKS_FILE);
  }

  @Test
  void aTokenOfAReplacedKeyIsNoLongerBelieved() throws Exception {
    Path jwk = dir.resolve(DevToken.KEY_FILE);
    Path jwks = dir.resolve(DevToken.JWKS_FILE);
    DevToken.createKey(jwk, jwks);
    String old = DevToken.sign(jwk, "1", "agent", Duration.ofMinutes(5));
    DevToken.createKey(jwk, jwks);

    assertThatThrownBy(() -> verifier(jwks).process(old)).isInstanceOf(InvalidJwtException.class);
  }

  @Test
  void aKeyThatCannotSignIsRefusedByName() throws Exception {
    Path missing = dir.resolve("missing.jwk");
    assertThatThrownBy(() -> DevToken.sign(missing, "1", "agent", Duration.ofMinutes(1)))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("missing.jwk")
        .hasMessageContaining("no such file");

    Path broken = Files.writeString(dir.resolve("broken.jwk"), "{");
    assertThatThrownBy(() -> DevToken.sign(broken, "1", "agent", Duration.ofMinutes(1)))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("not a JWK");

    Path jwk = dir.resolve(DevToken.KEY_FILE);
    Path jwks = dir.resolve(DevToken.JWKS_FILE);
    DevToken.createKey(jwk, jwks);
    Path publicOnly =
        Files.writeString(
            dir.resolve("public.jwk"), Files.readString(jwk).replaceAll(",?\"d\":\"[^\"]*\"", ""));
    assertThatThrownBy(() -> DevToken.sign(publicOnly, "1", "agent", Duration.ofMinutes(1)))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("not a private Ed25519 key");
  }

  private static JwtConsumer verifier(Path jwks) throws Exception {
    return new JwtConsumerBuilder()
        .setJwsAlgorithmConstraints(AlgorithmConstraints.ConstraintType.PERMIT, "EdDSA")
        .setExpectedIssuer(DevToken.ISSUER)
        .setExpectedAudience(DevToken.AUDIENCE)
        .setRequireExpirationTime()
        .setVerificationKeyResolver(
            new JwksVerificationKeyResolver(
                new JsonWebKeySet(Files.readString(jwks)).getJsonWebKeys()))
        .build();
  }
}
