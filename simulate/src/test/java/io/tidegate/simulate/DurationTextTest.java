package io.tidegate.simulate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine.TypeConversionException;

class DurationTextTest {
  private final DurationText text = new DurationText();

  @Test
  void readsWhatPeopleType() {
    assertThat(text.convert("250ms")).isEqualTo(Duration.ofMillis(250));
    assertThat(text.convert("30s")).isEqualTo(Duration.ofSeconds(30));
    assertThat(text.convert("5m")).isEqualTo(Duration.ofMinutes(5));
    assertThat(text.convert("1h")).isEqualTo(Duration.ofHours(1));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "30", "-1s", "1.5s", "5 m", "PT5M", "99999999999s", "1d"})
  void refusesTheRest(String other) {
    assertThatThrownBy(() -> text.convert(other))
        .isInstanceOf(TypeConversionException.class)
        .hasMessageContaining("expected: 500ms, 30s, 5m or 1h");
  }
}
