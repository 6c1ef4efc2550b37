package io.tidegate.edge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidegate.bus.Failure;
import io.tidegate.bus.FailureException;
import io.tidegate.profile.Layer;
import io.tidegate.profile.ProfileView;
import io.vertx.core.buffer.Buffer;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CustomersTest {
  @Test
  void readsIdsEachOnce() {
    assertThat(Customers.idsOf(Buffer.buffer("{\"ids\":[\"a\",\"b\",\"a\"]}")))
        .containsExactly("a", "b");
    assertThat(Customers.idsOf(Buffer.buffer("{\"ids\":[]}"))).isEmpty();
    assertThat(Customers.idsOf(ids(100))).hasSize(100);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "[]",
        "null",
        "{",
        "{}",
        "{\"ids\":null}",
        "{\"ids\":\"a\"}",
        "{\"ids\":[1]}",
        "{\"ids\":[\"\"]}",
        "{\"ids\":[[]]}",
        "{\"ids\":[\"a\"],\"more\":1}",
        "{\"ids\":[\"a\"]} {}",
        "{\"ids\":[\"a\"],\"ids\":[\"b\"]}",
        "{\"ids\":[\"a\"",
        "{\"ids\":[null]}"
      })
  void refusesAnythingElse(String body) {
    assertThatThrownBy(() -> Customers.idsOf(Buffer.buffer(body)))
        .isInstanceOfSatisfying(
            FailureException.class, e -> assertThat(e.failure()).isEqualTo(Failure.BAD_REQUEST))
        .hasMessageContaining("(expected: ");
  }

  @Test
  void refusesMoreThanAHundred() {
    assertThatThrownBy(() -> Customers.idsOf(ids(101))).hasMessageContaining("ids: more than 100");
  }

  private static Buffer ids(int count) {
    return Buffer.buffer(
        IntStream.range(0, count)
            .mapToObj(i -> "\"c" + i + "\"")
            .collect(Collectors.joining(",", "{\"ids\":[", "]}")));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "\"v1\"|true",
        "W/\"v1\"|true",
        "*|true",
        "\"v0\", \"v1\"|true",
        "\"v0\",W/\"v1\"|true",
        "\"v11\"|false",
        "\"v\"|false",
        "v1|false",
        "\"v1|false",
        "\"\"|false"
      })
  void comparesEntityTagsWeakly(String ifNoneMatch, boolean matches) {
    assertThat(Customers.matches(ifNoneMatch, "\"v1\"")).isEqualTo(matches);
  }

  @Test
  void noTagMatchesNothing() {
    assertThat(Customers.matches(null, "\"v1\"")).isFalse();
  }

  @Test
  void tellsWhichCacheAnswered() {
    assertThat(status(Layer.PROCESS, false)).isEqualTo("tidegate; hit; detail=process");
    assertThat(status(Layer.PROCESS, true)).isEqualTo("tidegate; hit; ttl=-1; detail=process");
    assertThat(status(Layer.REDIS, false)).isEqualTo("tidegate; hit; detail=redis");
    assertThat(status(Layer.REDIS, true)).isEqualTo("tidegate; hit; ttl=-1; detail=redis");
    assertThat(status(Layer.POSTGRES, false)).isEqualTo("tidegate; fwd=miss; detail=postgres");
  }

  private static String status(Layer layer, boolean stale) {
    return Customers.cacheStatus(
            new ProfileView(
                "a", true, 1, Buffer.buffer("{}"), "\"v1\"", layer, stale, System.nanoTime()))
        .toString();
  }
}
