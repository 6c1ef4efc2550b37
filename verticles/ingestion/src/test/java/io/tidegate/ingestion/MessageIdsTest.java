package io.tidegate.ingestion;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class MessageIdsTest {
  @Test
  void areUuidsOfVersion7InTheOrderOfTime() {
    MessageIds ids = new MessageIds();
    Set<String> seen = new HashSet<>();
    String before = "";
    for (long ms = 1_769_846_400_000L; ms < 1_769_846_410_000L; ms++) {
      String id = ids.next(ms);
      UUID uuid = UUID.fromString(id);
      assertThat(uuid.version()).isEqualTo(7);
      assertThat(uuid.variant()).isEqualTo(2);
      assertThat(uuid.getMostSignificantBits() >>> 16).isEqualTo(ms);
      assertThat(id).isGreaterThan(before);
      assertThat(seen.add(id)).isTrue();
      before = id;
    }
  }

  @Test
  void differWithinOneMillisecond() {
    MessageIds ids = new MessageIds();
    Set<String> seen = new HashSet<>();
    for (int i = 0; i < 10_000; i++) {
      assertThat(seen.add(ids.next(1_769_846_400_000L))).isTrue();
    }
  }
}
