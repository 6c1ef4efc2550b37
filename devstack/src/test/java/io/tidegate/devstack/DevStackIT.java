package io.tidegate.devstack;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DevStackIT {
  @Test
  void comesUpTwiceOnTheSameData(@TempDir Path directory) {
    for (int i = 0; i < 2; i++) {
      long begin = System.nanoTime();
      try (DevStack stack = DevStack.in(directory).listener(System.err::println).start()) {
        System.err.println("up " + (System.nanoTime() - begin) / 1000000);
        begin = System.nanoTime();
        assertThatThrownBy(() -> DevStack.in(directory).start())
            .hasMessageContaining("in use by process");
      }
      System.err.println("down " + (System.nanoTime() - begin) / 1000000);
    }
  }
}
