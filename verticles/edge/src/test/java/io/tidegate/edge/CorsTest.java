package io.tidegate.edge;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.MultiMap;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class CorsTest {
  @Test
  void whatAPageAsksForIsAllowedBesidesTheUsual() {
    assertThat(Cors.allowedHeaders("X-Api-Version, content-type"))
        .startsWith("authorization, content-type, ")
        .endsWith(", x-api-version");
  }

  @Test
  void onlyTokensAreEchoed() {
    String usual = Cors.allowedHeaders(null);
    assertThat(Cors.allowedHeaders("a b, \"q\", x:y, , *é, <script>")).isEqualTo(usual);
    assertThat(Cors.allowedHeaders("")).isEqualTo(usual);
  }

  @Test
  void theEchoIsBounded() {
    String usual = Cors.allowedHeaders(null);
    assertThat(Cors.allowedHeaders("x".repeat(2_000))).isEqualTo(usual);
    String many = IntStream.range(0, 100).mapToObj(i -> "x-" + i).collect(Collectors.joining(","));
    assertThat(Cors.allowedHeaders(many).split(",", -1).length)
        .isEqualTo(usual.split(",", -1).length + 32);
  }

  @Test
  void anOriginThatMayNotIsToldNothing() {
    Cors cors = new Cors(List.of("https://shop.example"));
    MultiMap refused = MultiMap.caseInsensitiveMultiMap();
    cors.allowPreflight("https://evil.example", "POST", "x-a", refused);
    assertThat(refused.isEmpty()).isTrue();
    MultiMap allowed = MultiMap.caseInsensitiveMultiMap();
    cors.allowPreflight("https://shop.example", "POST", "x-a", allowed);
    assertThat(allowed.get("access-control-allow-methods")).isEqualTo("POST");
    assertThat(allowed.get("access-control-allow-headers")).endsWith("x-a");
  }
}
