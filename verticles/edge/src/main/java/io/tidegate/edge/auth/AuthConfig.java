package io.tidegate.edge.auth;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.Secret;
import io.smallrye.config.WithDefault;
import io.tidegate.platform.Checks;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/** What callers are checked against. */
@ConfigMapping(prefix = "auth")
public interface AuthConfig {
  /**
   * Write keys by name: {@code auth.write-keys.<name>: <key>}. The name is what logs, limits and
   * events show.
   */
  Map<String, Secret<String>> writeKeys();

  /**
   * Where the public keys of token issuers are: a path, or an http(s) URL, of a JSON Web Key Set
   * (RFC 7517). Without it every token is refused.
   */
  Optional<String> jwks();

  /** How often the key set is read again. */
  @WithDefault("PT1M")
  Duration jwksRefresh();

  /** The least time between two reads, however many tokens name a key that is not in the set. */
  @WithDefault("PT5S")
  Duration jwksMinInterval();

  /** How long one read of the key set may take. */
  @WithDefault("PT3S")
  Duration jwksTimeout();

  /** The {@code aud} that a token must name. */
  @WithDefault("tidegate")
  String audience();

  /** The {@code iss} that a token must have. */
  @WithDefault("tidegate")
  String issuer();

  /** How far an issuer's clock may be off, for {@code exp} and {@code nbf}. */
  @WithDefault("PT5S")
  Duration clockSkew();

  /** Memory for verified tokens, in bytes. */
  @WithDefault("33554432")
  long tokenCacheBytes();

  /** Notes what is out of range. */
  static void check(AuthConfig config, Checks checks) {
    checks
        .positive("auth.jwks-refresh", config.jwksRefresh())
        .positive("auth.jwks-min-interval", config.jwksMinInterval())
        .positive("auth.jwks-timeout", config.jwksTimeout())
        .expect(
            !config.clockSkew().isNegative() && config.clockSkew().toMinutes() < 5,
            "auth.clock-skew",
            config.clockSkew(),
            "0s to under 5m")
        .atLeast("auth.token-cache-bytes", config.tokenCacheBytes(), 0)
        .expect(!config.audience().isBlank(), "auth.audience", config.audience(), "a name")
        .expect(!config.issuer().isBlank(), "auth.issuer", config.issuer(), "a name");
    config
        .writeKeys()
        .forEach(
            (name, key) ->
                checks.expect(
                    !key.get().isBlank(),
                    "auth.write-keys." + name,
                    "",
                    "a key that is not empty"));
  }
}
