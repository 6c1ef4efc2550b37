package io.tidegate.edge.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jose4j.jwk.OctJwkGenerator;
import org.jose4j.jwk.RsaJwkGenerator;
import org.junit.jupiter.api.Test;

class KeyRingTest {
  private static final TestTokens ISSUER = new TestTokens();
  private final AtomicLong nanos = new AtomicLong();

  @Test
  void keepsTheLastGoodSetWhenARefreshFails() {
    AtomicReference<Future<KeySet>> next =
        new AtomicReference<>(Future.succeededFuture(KeySet.parse(ISSUER.jwks())));
    KeyRing ring = new KeyRing(next::get, Duration.ofSeconds(1), nanos::get);
    ring.refresh();
    KeySet good = ring.current();
    assertThat(good.size()).isEqualTo(3);
    next.set(Future.failedFuture("gone"));
    pass();
    ring.refresh();
    assertThat(ring.current()).isSameAs(good);
    assertThat(ring.failing()).isTrue();
    next.set(Future.succeededFuture(KeySet.parse(TestTokens.jwks(ISSUER.ec))));
    pass();
    ring.refresh();
    assertThat(ring.failing()).isFalse();
    assertThat(ring.current().size()).isEqualTo(1);
  }

  @Test
  void aSourceThatThrowsIsAFailedRead() {
    KeyRing ring =
        new KeyRing(
            () -> {
              throw new IllegalStateException("boom");
            },
            Duration.ZERO,
            nanos::get);
    assertThat(ring.refresh().succeeded()).isTrue();
    assertThat(ring.failing()).isTrue();
    assertThat(ring.current()).isNull();
  }

  @Test
  void readsOnceAtATime() {
    Promise<KeySet> slow = Promise.promise();
    AtomicInteger reads = new AtomicInteger();
    KeyRing ring =
        new KeyRing(
            () -> {
              reads.incrementAndGet();
              return slow.future();
            },
            Duration.ZERO,
            nanos::get);
    Future<Void> first = ring.refresh();
    Future<Void> second = ring.refresh();
    assertThat(reads).hasValue(1);
    slow.complete(KeySet.parse(ISSUER.jwks()));
    assertThat(first.succeeded() && second.succeeded()).isTrue();
  }

  @Test
  void leavesOutKeysThatTokensMayNotUse() throws Exception {
    var weak = RsaJwkGenerator.generateJwk(1_024);
    weak.setKeyId("weak");
    var encryption = RsaJwkGenerator.generateJwk(2_048);
    encryption.setUse("enc");
    assertThat(KeySet.parse(TestTokens.jwks(weak, encryption, ISSUER.ed)).size()).isEqualTo(1);
    assertThatThrownBy(() -> KeySet.parse(TestTokens.jwks(weak)))
        .hasMessageContaining("no usable key among 1 (expected: ");
    String secret =
        new org.jose4j.jwk.JsonWebKeySet(OctJwkGenerator.generateJwk(256))
            .toJson(org.jose4j.jwk.JsonWebKey.OutputControlLevel.INCLUDE_SYMMETRIC);
    assertThatThrownBy(() -> KeySet.parse(secret)).hasMessageContaining("no usable key");
    assertThatThrownBy(() -> KeySet.parse("{")).hasMessageContaining("not a JSON Web Key Set");
    assertThatThrownBy(() -> KeySet.parse("{}")).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void aTokenWithoutKeyIdIsAmbiguousAmongTwoKeys() {
    KeySet two = KeySet.parse(TestTokens.jwks(ISSUER.ed, TestTokens.newEd("ed-2")));
    assertThatThrownBy(() -> two.find(null, "EdDSA"))
        .hasMessageContaining("kid: absent (expected: one");
    assertThat(two.find(null, "RS256")).isNull();
    assertThat(two.find("ed-2", "EdDSA").id()).isEqualTo("ed-2");
  }

  private void pass() {
    nanos.addAndGet(Duration.ofSeconds(2).toNanos());
  }
}
