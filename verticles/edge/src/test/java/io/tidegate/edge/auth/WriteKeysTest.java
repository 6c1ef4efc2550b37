package io.tidegate.edge.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidegate.bus.Failure;
import io.tidegate.bus.FailureException;
import io.tidegate.platform.ConfigLoader;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WriteKeysTest {
  private final WriteKeys keys =
      new WriteKeys(config("shop", "s3cret", "app", "chinesische-Schlüssel").writeKeys());

  @Test
  void knowsAKeyByItsName() {
    assertThat(keys.nameOf(basic("s3cret:"))).isEqualTo("shop");
    assertThat(keys.nameOf(basic("s3cret:any password: too"))).isEqualTo("shop");
    assertThat(keys.nameOf(basic("s3cret"))).isEqualTo("shop");
    assertThat(keys.nameOf("bAsIc " + basic("s3cret:").substring(6))).isEqualTo("shop");
    assertThat(keys.nameOf(basic("chinesische-Schlüssel:"))).isEqualTo("app");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "Basic",
        "Basic ",
        "Basic !!!",
        "Bearer abc",
        "Digest x",
        "Basic czNjcmU=",
        "Basic OnMzY3JldA=="
      })
  void refusesAnythingElse(String authorization) {
    assertThatThrownBy(() -> keys.nameOf(authorization))
        .isInstanceOfSatisfying(
            FailureException.class,
            e -> assertThat(e.failure()).isEqualTo(Failure.UNKNOWN_WRITE_KEY))
        .hasMessageContaining("(expected: ")
        .hasMessageNotContaining("s3cre");
    assertThatThrownBy(() -> keys.nameOf(null)).hasMessageContaining("absent");
    assertThatThrownBy(() -> keys.nameOf("Basic " + "A".repeat(5_000)))
        .hasMessageContaining("5000 characters");
  }

  @Test
  void refusesKeysThatCannotBeToldApart() {
    assertThatThrownBy(() -> new WriteKeys(config("a", "same", "b", "same").writeKeys()))
        .hasMessageContaining("(expected: a key of its own)")
        .hasMessageNotContaining("same ");
  }

  @Test
  void noKeyIsConfiguredByDefault() {
    assertThat(ConfigLoader.section(AuthConfig.class, Map.of()).writeKeys()).isEmpty();
  }

  @Test
  void aConfiguredKeyNeverPrints() {
    assertThat(config("a", "s3cret", "b", "other").toString()).doesNotContain("s3cret");
    assertThat(config("a", "s3cret", "b", "other").writeKeys().toString()).doesNotContain("s3cret");
  }

  private static AuthConfig config(String name, String key, String other, String otherKey) {
    return ConfigLoader.section(
        AuthConfig.class,
        Map.of("auth.write-keys." + name, key, "auth.write-keys." + other, otherKey));
  }

  private static String basic(String pair) {
    return "Basic " + Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8));
  }
}
