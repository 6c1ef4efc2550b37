package io.tidegate.bus;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class HeardTest {
  private final Heard heard = new Heard();

  @Test
  void nothingIsLostOfWhatArrivesInAnyOrderBeforeTheNextBeat() {
    heard.arrived(1);
    heard.arrived(3);
    assertThat(heard.lost(3)).isFalse();
    heard.arrived(2);
    assertThat(heard.lost(3)).isFalse();
    assertThat(heard.lost(3)).isFalse();
  }

  @Test
  void whatIsMissingAtTheNextBeatIsLostAndToldOnce() {
    heard.arrived(1);
    heard.arrived(3);
    assertThat(heard.lost(3)).isFalse();
    assertThat(heard.lost(3)).isTrue();
    assertThat(heard.lost(3)).isFalse();
    heard.arrived(2);
    heard.arrived(4);
    assertThat(heard.lost(4)).isFalse();
    assertThat(heard.lost(4)).isFalse();
  }

  @Test
  void theLastOneMayBeTheLostOne() {
    assertThat(heard.lost(1)).isFalse();
    assertThat(heard.lost(1)).isTrue();
  }
}
