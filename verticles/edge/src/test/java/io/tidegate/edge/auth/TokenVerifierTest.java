package io.tidegate.edge.auth;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidegate.bus.Failure;
import io.tidegate.bus.FailureException;
import io.tidegate.platform.ConfigLoader;
import io.vertx.core.Future;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jose4j.jwk.PublicJsonWebKey;
import org.jose4j.jws.AlgorithmIdentifiers;
import org.jose4j.jws.JsonWebSignature;
import org.jose4j.jwt.JwtClaims;
import org.jose4j.jwt.NumericDate;
import org.jose4j.keys.HmacKey;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class TokenVerifierTest {
  private static final TestTokens ISSUER = new TestTokens();

  private final AtomicReference<Instant> now = new AtomicReference<>(Instant.now());
  private final AtomicReference<String> jwks = new AtomicReference<>(ISSUER.jwks());
  private final AtomicInteger reads = new AtomicInteger();
  private final AtomicLong nanos = new AtomicLong();
  private KeyRing ring;
  private TokenVerifier verifier;

  @BeforeEach
  void setUp() {
    ring =
        new KeyRing(
            () -> {
              reads.incrementAndGet();
              return Future.succeededFuture(KeySet.parse(jwks.get()));
            },
            Duration.ofSeconds(5),
            nanos::get);
    ring.refresh();
    AuthConfig config = ConfigLoader.section(AuthConfig.class, Map.of());
    verifier = new TokenVerifier(ring, config, InstantSource.tick(now::get, Duration.ofMillis(1)));
  }

  @Test
  void takesEachAlgorithmWithAKeyOfItsType() {
    for (PublicJsonWebKey key : new PublicJsonWebKey[] {ISSUER.rsa, ISSUER.ec, ISSUER.ed}) {
      String token = TestTokens.sign(key, TestTokens.claims("u-1", "agent"));
      assertThat(verifier.verify(token).result()).isEqualTo(new Viewer("u-1", Role.AGENT));
    }
  }

  @Test
  void takesATokenWithoutKeyIdWhenTheSetHasOneKeyForIt() throws Exception {
    JsonWebSignature jws = new JsonWebSignature();
    jws.setAlgorithmHeaderValue(AlgorithmIdentifiers.EDDSA);
    jws.setKey(ISSUER.ed.getPrivateKey());
    jws.setPayload(TestTokens.claims("u-1", "admin").toJson());
    assertThat(verifier.verify(jws.getCompactSerialization()).result().role())
        .isEqualTo(Role.ADMIN);
  }

  @Test
  void refusesAForgedSignature() {
    PublicJsonWebKey other = TestTokens.newEd("ed-1");
    assertRefused(
        TestTokens.sign(other, TestTokens.claims("u-1", "admin")), "signature: does not fit");
  }

  @Test
  void refusesChangedClaims() {
    String[] parts = ISSUER.token("u-1", "customer").split("\\.", -1);
    String forged =
        parts[0] + "." + encoded(TestTokens.claims("u-1", "admin").toJson()) + "." + parts[2];
    assertRefused(forged, "signature: does not fit");
  }

  @Test
  void refusesAlgorithmNone() {
    String claims = TestTokens.claims("u-1", "admin").toJson();
    for (String none : new String[] {"none", "None", "NONE", "nOnE"}) {
      assertRefused(
          encoded("{\"alg\":\"" + none + "\",\"kid\":\"ed-1\"}") + "." + encoded(claims) + ".",
          "alg: " + none);
    }
    assertRefused(encoded("{\"kid\":\"ed-1\"}") + "." + encoded(claims) + ".", "alg: absent");
  }

  @Test
  void refusesAPublicKeyUsedAsHmacSecret() throws Exception {
    JsonWebSignature jws = new JsonWebSignature();
    jws.setAlgorithmHeaderValue("HS256");
    jws.setKeyIdHeaderValue("rsa-1");
    jws.setKey(new HmacKey(ISSUER.rsa.getPublicKey().getEncoded()));
    jws.setPayload(TestTokens.claims("u-1", "admin").toJson());
    assertRefused(jws.getCompactSerialization(), "alg: HS256 (expected: RS256, ES256 or EdDSA)");
  }

  @Test
  void refusesAnAlgorithmThatIsNotTheKeysOwn() {
    String[] parts =
        TestTokens.sign(ISSUER.rsa, TestTokens.claims("u-1", "admin")).split("\\.", -1);
    String confused =
        encoded("{\"alg\":\"ES256\",\"kid\":\"rsa-1\"}") + "." + parts[1] + "." + parts[2];
    assertRefused(confused, "alg: ES256 (expected: RS256, which key 'rsa-1' is for)");
    String stronger =
        encoded("{\"alg\":\"RS512\",\"kid\":\"rsa-1\"}") + "." + parts[1] + "." + parts[2];
    assertRefused(stronger, "alg: RS512");
  }

  @Test
  void saysWhatIsWrongWithTheClaims() {
    assertClaim(c -> c.setExpirationTime(at(-3600)), "expired at");
    assertClaim(c -> c.unsetClaim("exp"), "exp: absent");
    assertClaim(c -> c.setNotBefore(at(600)), "nbf: ");
    assertClaim(c -> c.setAudience("other"), "wrong audience 'other' (expected: 'tidegate')");
    assertClaim(c -> c.unsetClaim("aud"), "aud: absent");
    assertClaim(c -> c.setIssuer("evil"), "wrong issuer 'evil' (expected: 'tidegate')");
    assertClaim(c -> c.unsetClaim("iss"), "iss: absent");
    assertClaim(c -> c.unsetClaim("sub"), "sub: absent");
    assertClaim(c -> c.setSubject("x".repeat(300)), "sub: 300 characters");
    assertClaim(c -> c.setStringClaim("exp", "tomorrow"), "token: ");
    for (String claim : new String[] {"exp", "nbf", "iat"}) {
      for (Object time : new Object[] {1L << 62, Long.MIN_VALUE, new BigDecimal("1e400")}) {
        JwtClaims claims = TestTokens.claims("u-1", "admin");
        claims.setClaim(claim, time);
        String token = TestTokens.sign(ISSUER.ed, claims);
        assertThat(verifier.verify(token).isComplete()).as(claim + " " + time).isTrue();
        if (verifier.verify(token).failed()) {
          assertThat(refusal(token).failure()).isEqualTo(Failure.INVALID_TOKEN);
        } else {
          assertThat(claim).isNotEqualTo("exp");
        }
      }
    }
  }

  @Test
  void forgivesASmallClockSkew() {
    JwtClaims late = TestTokens.claims("u-1", "agent");
    late.setExpirationTime(at(-2));
    assertThat(verifier.verify(TestTokens.sign(ISSUER.ed, late)).succeeded()).isTrue();
    JwtClaims early = TestTokens.claims("u-1", "agent");
    early.setNotBefore(at(3));
    assertThat(verifier.verify(TestTokens.sign(ISSUER.ed, early)).succeeded()).isTrue();
  }

  @Test
  void anUnknownRoleIsForbidden() {
    FailureException failure = refusal(ISSUER.token("u-1", "root"));
    assertThat(failure.failure()).isEqualTo(Failure.FORBIDDEN);
    assertThat(failure).hasMessage("role: root (expected: customer, agent, supervisor or admin)");
    JwtClaims without = TestTokens.claims("u-1", "x");
    without.unsetClaim("role");
    assertThat(refusal(TestTokens.sign(ISSUER.ed, without))).hasMessageContaining("role: absent");
  }

  @Test
  void refusesWhatIsNoToken() {
    for (String junk :
        new String[] {
          "", "a", "a.b", "a.b.c", "....", "a.b.c.d.e", "é.é.é", encoded("[]") + ".x.y", "{}.{}.{}"
        }) {
      assertThat(refusal(junk).failure()).as(junk).isEqualTo(Failure.INVALID_TOKEN);
    }
    assertRefused(
        "x".repeat(TokenVerifier.MAX_TOKEN + 1), "token: 8193 characters (expected: <= 8192)");
  }

  @Test
  void aKeptTokenIsRefusedOnceItExpires() {
    JwtClaims claims = TestTokens.claims("u-1", "agent");
    claims.setExpirationTime(at(60));
    String token = TestTokens.sign(ISSUER.ed, claims);
    assertThat(verifier.verify(token).succeeded()).isTrue();
    assertThat(verifier.verify(token).succeeded()).isTrue();
    now.set(now.get().plusSeconds(66));
    assertRefused(token, "expired at");
  }

  @Test
  void aRefusedTokenIsNotVerifiedAgainAtOnce() {
    String token = TestTokens.sign(TestTokens.newEd("ed-1"), TestTokens.claims("u-1", "agent"));
    FailureException first = refusal(token);
    assertThat(refusal(token)).isSameAs(first);
  }

  @Test
  void nothingIsKeptPastItsExpiry() {
    JwtClaims claims = TestTokens.claims("u-1", "agent");
    claims.setExpirationTime(at(60));
    String token = TestTokens.sign(ISSUER.ed, claims);
    assertThat(verifier.verify(token).succeeded()).isTrue();
    assertThat(verifier.cache().asMap()).hasSize(1);
    now.updateAndGet(before -> before.plusSeconds(62));
    assertThat(verifier.verify(token).succeeded()).as("within the clock skew").isTrue();
    assertThat(verifier.cache().asMap()).isEmpty();
    now.updateAndGet(before -> before.plusSeconds(10));
    assertRefused(token, "expired at");
  }

  @Test
  void rotationNeedsNoRestart() {
    PublicJsonWebKey next = TestTokens.newEd("ed-2");
    String token = TestTokens.sign(next, TestTokens.claims("u-1", "agent"));
    nanos.addAndGet(Duration.ofSeconds(6).toNanos());
    assertRefused(token, "kid: ed-2");
    jwks.set(TestTokens.jwks(ISSUER.ed, next));
    assertRefused(token, "kid: ed-2"); // read a moment ago: not again yet
    nanos.addAndGet(Duration.ofSeconds(6).toNanos());
    assertThat(verifier.verify(token).succeeded()).isTrue();
  }

  @Test
  void aTokenGoesWithItsKey() {
    String token = ISSUER.token("u-1", "agent");
    assertThat(verifier.verify(token).succeeded()).isTrue();
    jwks.set(TestTokens.jwks(ISSUER.rsa));
    nanos.addAndGet(Duration.ofSeconds(6).toNanos());
    ring.refresh();
    assertRefused(token, "kid: ed-1");
  }

  @Test
  void aFloodOfUnknownKeysReadsTheSetOnce() {
    nanos.addAndGet(Duration.ofSeconds(6).toNanos());
    int before = reads.get();
    for (int i = 0; i < 50; i++) {
      refusal(TestTokens.sign(TestTokens.newEd("x-" + i), TestTokens.claims("u", "agent")));
    }
    assertThat(reads.get() - before).isEqualTo(1);
  }

  @Test
  void withoutKeysNobodyIsBlamed() {
    KeyRing none =
        new KeyRing(() -> Future.failedFuture("no such file"), Duration.ofSeconds(5), nanos::get);
    none.refresh();
    AuthConfig config = ConfigLoader.section(AuthConfig.class, Map.of());
    FailureException failure =
        (FailureException)
            new TokenVerifier(none, config, InstantSource.system())
                .verify(ISSUER.token("u", "agent"))
                .cause();
    assertThat(failure.failure()).isEqualTo(Failure.KEYS_UNAVAILABLE);
    assertThat(none.failing()).isTrue();
  }

  private interface Change {
    void on(JwtClaims claims);
  }

  private void assertClaim(Change change, String message) {
    JwtClaims claims = TestTokens.claims("u-1", "agent");
    change.on(claims);
    assertRefused(TestTokens.sign(ISSUER.ed, claims), message);
  }

  private void assertRefused(String token, String message) {
    FailureException failure = refusal(token);
    assertThat(failure.failure()).isEqualTo(Failure.INVALID_TOKEN);
    assertThat(failure.getMessage()).contains(message).contains("(expected: ");
  }

  private FailureException refusal(String token) {
    Future<Viewer> verified = verifier.verify(token);
    assertThat(verified.failed()).isTrue();
    return (FailureException) verified.cause();
  }

  private NumericDate at(long seconds) {
    return NumericDate.fromSeconds(now.get().getEpochSecond() + seconds);
  }

  private static String encoded(String text) {
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }
}
