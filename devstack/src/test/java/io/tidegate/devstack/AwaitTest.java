package io.tidegate.devstack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class AwaitTest {
  @Test
  void returnsOnceTheConditionHolds() {
    AtomicInteger tries = new AtomicInteger();
    Await.until("third try", Duration.ofSeconds(10), () -> tries.incrementAndGet() == 3);
    assertThat(tries).hasValue(3);
  }

  @Test
  void saysWhatDidNotHappenAndWhy() {
    assertThatThrownBy(
            () ->
                Await.until(
                    "the file is there",
                    Duration.ofMillis(50),
                    () -> {
                      throw new IOException("no file");
                    }))
        .isInstanceOf(AssertionError.class)
        .hasMessage("not within 50 ms: the file is there")
        .hasRootCauseMessage("no file");
  }
}
