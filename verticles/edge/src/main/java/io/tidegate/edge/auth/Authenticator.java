package io.tidegate.edge.auth;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.tidegate.bus.Failure;
import io.tidegate.bus.FailureException;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.InstantSource;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Tells from an Authorization header who is calling. One a node, shared by all event loops. */
public final class Authenticator {
  private final WriteKeys writeKeys;
  private final TokenVerifier tokens;
  private final KeyRing ring;

  private Authenticator(WriteKeys writeKeys, TokenVerifier tokens, KeyRing ring) {
    this.writeKeys = writeKeys;
    this.tokens = tokens;
    this.ring = ring;
  }

  /**
   * Starts reading the key set, now and then again; a set that cannot be read is no reason to fail,
   * since it may come.
   *
   * @return completes after the first attempt
   * @throws IllegalArgumentException when a write key is empty or there twice
   */
  public static Future<Authenticator> start(
      Vertx vertx, AuthConfig config, MeterRegistry registry) {
    WriteKeys writeKeys = new WriteKeys(config.writeKeys());
    Supplier<Future<KeySet>> source =
        config
            .jwks()
            .<Supplier<Future<KeySet>>>map(at -> new KeySource(vertx, at, config.jwksTimeout()))
            .orElse(
                () ->
                    Future.failedFuture(
                        new IllegalStateException("auth.jwks: absent (expected: a path or URL)")));
    KeyRing ring = new KeyRing(source, config.jwksMinInterval(), System::nanoTime);
    TokenVerifier tokens = new TokenVerifier(ring, config, InstantSource.system());
    Gauge.builder(
            "tidegate.edge.token.keys",
            ring,
            r -> {
              KeySet keys = r.current();
              return keys == null ? 0 : keys.size();
            })
        .description("keys that verify tokens")
        .register(registry);
    Gauge.builder("tidegate.edge.token.keys.failing", ring, r -> r.failing() ? 1 : 0)
        .description("1 while the key set cannot be read")
        .register(registry);
    FunctionCounter.builder("tidegate.edge.token.cache", tokens.cache(), c -> c.stats().hitCount())
        .tag("result", "hit")
        .register(registry);
    FunctionCounter.builder("tidegate.edge.token.cache", tokens.cache(), c -> c.stats().missCount())
        .tag("result", "miss")
        .register(registry);
    if (config.jwks().isPresent()) {
      vertx.setPeriodic(config.jwksRefresh().toMillis(), timer -> ring.refresh());
    }
    return ring.refresh().map(done -> new Authenticator(writeKeys, tokens, ring));
  }

  /** Whether tokens can be verified at all. */
  public boolean hasKeys() {
    return ring.current() != null;
  }

  /**
   * The name of the write key that the caller shows.
   *
   * @throws FailureException {@link Failure#UNKNOWN_WRITE_KEY}
   */
  public String writeKey(@Nullable String authorization) {
    return writeKeys.nameOf(authorization);
  }

  /**
   * The name of a write key that the caller shows without a header, in the body.
   *
   * @param key null when there is none
   * @throws FailureException {@link Failure#UNKNOWN_WRITE_KEY}
   */
  public String writeKeyInBody(@Nullable String key) {
    if (key == null) {
      throw Failure.UNKNOWN_WRITE_KEY.because(
          "write key: absent (expected: as Basic user name, or as writeKey in the body)");
    }
    return writeKeys.nameOfKey(key);
  }

  /**
   * The name of a write key that stands in a path, which is not there when nobody knows it.
   *
   * @throws FailureException {@link Failure#NOT_FOUND}
   */
  public String writeKeyInPath(String key) {
    try {
      return writeKeys.nameOfKey(key);
    } catch (FailureException unknown) {
      throw Failure.NOT_FOUND.because("write key: unknown (expected: one of the configured)");
    }
  }

  /**
   * The viewer that the caller's token speaks for.
   *
   * @return fails with {@link Failure#UNAUTHENTICATED} (no token), {@link Failure#INVALID_TOKEN},
   *     {@link Failure#FORBIDDEN} (a role that nobody knows) or {@link Failure#KEYS_UNAVAILABLE}
   */
  public Future<Viewer> viewer(@Nullable String authorization) {
    if (authorization == null) {
      return Future.failedFuture(
          Failure.UNAUTHENTICATED.because("authorization: absent (expected: Bearer and a token)"));
    }
    if (!authorization.regionMatches(true, 0, "Bearer ", 0, 7)) {
      return Future.failedFuture(
          Failure.UNAUTHENTICATED.because(
              "authorization: another scheme (expected: Bearer and a token)"));
    }
    return tokens.verify(authorization.substring(7).strip());
  }
}
