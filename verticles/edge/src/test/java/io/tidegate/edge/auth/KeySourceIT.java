package io.tidegate.edge.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.tidegate.platform.ConfigLoader;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jose4j.jwk.PublicJsonWebKey;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Keys by URL, from a real server that rotates them, misbehaves and dies. */
class KeySourceIT {
  private interface Answer {
    void to(HttpServerRequest request);
  }

  private final PublicJsonWebKey first = TestTokens.newEd("ed-1");
  private final PublicJsonWebKey second = TestTokens.newEd("ed-2");
  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private Vertx vertx;
  private HttpServer server;
  private volatile Answer answer = serving(TestTokens.jwks(first));

  @BeforeEach
  void start() throws Exception {
    vertx = Vertx.vertx();
    server =
        await(
            vertx
                .createHttpServer()
                .requestHandler(request -> answer.to(request))
                .listen(0, "127.0.0.1"));
  }

  @AfterEach
  void stop() throws Exception {
    await(vertx.close());
  }

  @Test
  void keysAreRotatedAndOutliveTheirServer() throws Exception {
    Authenticator authenticator = authenticator();
    assertThat(reads(authenticator, first)).isTrue();
    assertThat(reads(authenticator, second)).isFalse();

    answer = serving(TestTokens.jwks(first, second));
    eventually(() -> reads(authenticator, second));
    assertThat(reads(authenticator, first)).isTrue();

    answer = serving(TestTokens.jwks(second));
    eventually(() -> !reads(authenticator, first));
    assertThat(reads(authenticator, second)).isTrue();

    await(server.close());
    eventually(() -> gauge("tidegate.edge.token.keys.failing") == 1);
    assertThat(reads(authenticator, second)).as("the last good set stays").isTrue();
    assertThat(reads(authenticator, first)).isFalse();
  }

  @Test
  void keysMayComeAfterTheStart() throws Exception {
    answer = request -> request.response().setStatusCode(503).end();
    Authenticator authenticator = authenticator();
    assertThat(authenticator.hasKeys()).isFalse();
    answer = serving(TestTokens.jwks(first));
    eventually(authenticator::hasKeys);
    assertThat(reads(authenticator, first)).isTrue();
  }

  @Test
  void whatIsNoKeySetIsRefusedWithItsReason() {
    refuses(request -> request.response().setStatusCode(404).end(), "status: 404");
    refuses(serving("<html>"), "not a JSON Web Key Set");
    refuses(serving("x".repeat(300_000)), "(expected: <= 262144)");
    refuses(
        request -> {
          var unused = request.response().putHeader("content-length", "100").write("{");
          unused = request.connection().close();
        },
        "auth.jwks: http://127.0.0.1:");
  }

  @Test
  void aServerThatHangsIsLeft() {
    refuses(request -> {}, "auth.jwks: http://127.0.0.1:");
    refuses(
        request -> {
          var unused = request.response().setChunked(true).write("{");
        },
        "auth.jwks: http://127.0.0.1:");
    answer = serving(TestTokens.jwks(first));
    assertThat(source().get().await().size()).isEqualTo(1);
  }

  private void refuses(Answer given, String reason) {
    answer = given;
    assertThatThrownBy(() -> await(source().get())).hasMessageContaining(reason);
  }

  private KeySource source() {
    return new KeySource(vertx, url(), Duration.ofMillis(500));
  }

  private String url() {
    return "http://127.0.0.1:" + server.actualPort() + "/jwks.json";
  }

  private Authenticator authenticator() throws Exception {
    AuthConfig config =
        ConfigLoader.section(
            AuthConfig.class,
            Map.of(
                "auth.jwks", url(),
                "auth.jwks-refresh", "50ms",
                "auth.jwks-min-interval", "20ms",
                "auth.jwks-timeout", "1s"));
    return await(Authenticator.start(vertx, config, registry));
  }

  private static Answer serving(String json) {
    return request ->
        request.response().putHeader("content-type", "application/jwk-set+json").end(json);
  }

  private static boolean reads(Authenticator authenticator, PublicJsonWebKey key) {
    String token = TestTokens.sign(key, TestTokens.claims("u-1", "agent"));
    Future<Viewer> viewer = authenticator.viewer("Bearer " + token);
    try {
      return await(viewer).subject().equals("u-1");
    } catch (Exception refused) {
      return false;
    }
  }

  private double gauge(String name) {
    return registry.get(name).gauge().value();
  }

  private static <T> T await(Future<T> future) throws Exception {
    return future.await(10, TimeUnit.SECONDS);
  }

  private static void eventually(BooleanSupplier condition) {
    long deadline = System.nanoTime() + Duration.ofSeconds(10).toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > deadline) {
        throw new AssertionError("did not come true within 10 s");
      }
      Thread.onSpinWait();
    }
  }
}
