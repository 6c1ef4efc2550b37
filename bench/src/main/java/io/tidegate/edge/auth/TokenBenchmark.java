package io.tidegate.edge.auth;

import io.tidegate.platform.ConfigLoader;
import io.tidegate.platform.ConfigSection;
import io.vertx.core.Future;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jose4j.jwk.EcJwkGenerator;
import org.jose4j.jwk.JsonWebKey.OutputControlLevel;
import org.jose4j.jwk.JsonWebKeySet;
import org.jose4j.jwk.OctetKeyPairJsonWebKey;
import org.jose4j.jwk.OkpJwkGenerator;
import org.jose4j.jwk.PublicJsonWebKey;
import org.jose4j.jwk.RsaJwkGenerator;
import org.jose4j.jws.JsonWebSignature;
import org.jose4j.jwt.JwtClaims;
import org.jose4j.keys.EllipticCurves;
import org.jose4j.lang.JoseException;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** Who a token speaks for: one that was seen before, and one whose signature has to be checked. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class TokenBenchmark {
  @Param({"RS256", "ES256", "EdDSA"})
  private String algorithm = "RS256";

  /** More than a verifier without a cache has not forgotten yet: it forgets a little later. */
  private static final int TOKENS = 1_000;

  private final String[] tokens = new String[TOKENS];
  private int next;
  private @Nullable TokenVerifier remembers;
  private @Nullable TokenVerifier forgets;

  /** A key, and tokens signed by it. */
  @Setup
  public void prepare() throws JoseException {
    PublicJsonWebKey key =
        switch (algorithm) {
          case "RS256" -> RsaJwkGenerator.generateJwk(2_048);
          case "ES256" -> EcJwkGenerator.generateJwk(EllipticCurves.P256);
          default -> OkpJwkGenerator.generateJwk(OctetKeyPairJsonWebKey.SUBTYPE_ED25519);
        };
    key.setKeyId("bench");
    key.setUse("sig");
    key.setAlgorithm(algorithm);
    for (int i = 0; i < TOKENS; i++) {
      tokens[i] = sign(key, "bench-" + i);
    }
    KeySet keys = KeySet.parse(new JsonWebKeySet(key).toJson(OutputControlLevel.PUBLIC_ONLY));
    remembers = verifier(keys, 1 << 20);
    forgets = verifier(keys, 0);
    if (warm() == null || cold() == null) {
      throw new IllegalStateException("a token of the key was not believed");
    }
  }

  private String sign(PublicJsonWebKey key, String subject) throws JoseException {
    JwtClaims claims = new JwtClaims();
    claims.setIssuer("tidegate");
    claims.setAudience("tidegate");
    claims.setSubject(subject);
    claims.setStringClaim("role", "agent");
    claims.setIssuedAtToNow();
    claims.setExpirationTimeMinutesInTheFuture(600);
    JsonWebSignature jws = new JsonWebSignature();
    jws.setAlgorithmHeaderValue(algorithm);
    jws.setKeyIdHeaderValue("bench");
    jws.setKey(key.getPrivateKey());
    jws.setPayload(claims.toJson());
    return jws.getCompactSerialization();
  }

  private static TokenVerifier verifier(KeySet keys, long cacheBytes) {
    Map<String, String> values = new HashMap<>();
    values.put("auth.token-cache-bytes", Long.toString(cacheBytes));
    AuthConfig config =
        ConfigLoader.section(new ConfigSection<>(AuthConfig.class, AuthConfig::check), values);
    KeyRing ring =
        new KeyRing(() -> Future.succeededFuture(keys), Duration.ofSeconds(5), System::nanoTime);
    TokenVerifier verifier = new TokenVerifier(ring, config, Clock.systemUTC());
    if (!ring.refresh().isComplete()) {
      throw new IllegalStateException("the key set was not taken at once");
    }
    return verifier;
  }

  /** Seen before. */
  @Benchmark
  public @Nullable Viewer warm() {
    return remembers == null ? null : remembers.verify(tokens[0]).result();
  }

  /** Never seen before, as far as the verifier remembers. */
  @Benchmark
  public @Nullable Viewer cold() {
    next = (next + 1) % TOKENS;
    return forgets == null ? null : forgets.verify(tokens[next]).result();
  }
}
