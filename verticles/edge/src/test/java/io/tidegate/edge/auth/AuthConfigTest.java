package io.tidegate.edge.auth;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidegate.platform.ConfigLoader;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

class AuthConfigTest {
  @Test
  void defaults() {
    AuthConfig config = ConfigLoader.section(AuthConfig.class, Map.of());
    assertThat(config.writeKeys()).isEmpty();
    assertThat(config.jwks()).isEmpty();
    assertThat(config.jwksRefresh()).isEqualTo(Duration.ofMinutes(1));
    assertThat(config.jwksMinInterval()).isEqualTo(Duration.ofSeconds(5));
    assertThat(config.jwksTimeout()).isEqualTo(Duration.ofSeconds(3));
    assertThat(config.audience()).isEqualTo("tidegate");
    assertThat(config.issuer()).isEqualTo("tidegate");
    assertThat(config.clockSkew()).isEqualTo(Duration.ofSeconds(5));
    assertThat(config.tokenCacheBytes()).isEqualTo(32L << 20);
  }

  @Test
  void everyKey() {
    AuthConfig config =
        ConfigLoader.section(
            AuthConfig.class,
            Map.of(
                "auth.write-keys.shop", "k",
                "auth.jwks", "https://issuer.example/jwks.json",
                "auth.jwks-refresh", "30s",
                "auth.jwks-min-interval", "1s",
                "auth.jwks-timeout", "2s",
                "auth.audience", "a",
                "auth.issuer", "i",
                "auth.clock-skew", "1s",
                "auth.token-cache-bytes", "1000"));
    assertThat(config.writeKeys().get("shop").get()).isEqualTo("k");
    assertThat(config.jwks()).contains("https://issuer.example/jwks.json");
    assertThat(config.jwksRefresh()).isEqualTo(Duration.ofSeconds(30));
    assertThat(config.jwksMinInterval()).isEqualTo(Duration.ofSeconds(1));
    assertThat(config.jwksTimeout()).isEqualTo(Duration.ofSeconds(2));
    assertThat(config.audience()).isEqualTo("a");
    assertThat(config.issuer()).isEqualTo("i");
    assertThat(config.clockSkew()).isEqualTo(Duration.ofSeconds(1));
    assertThat(config.tokenCacheBytes()).isEqualTo(1_000);
  }
}
