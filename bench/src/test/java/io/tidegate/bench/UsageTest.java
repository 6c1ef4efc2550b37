package io.tidegate.bench;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class UsageTest {
  @Test
  void readsUserAndSystemTime() {
    String stat =
        "4242 (ngi) nx: (w) S 1 4242 4242 0 -1 4194624 1057 0 0 0 321 1234 0 0 20 0 1 0 99 1 2 3";
    assertThat(Usage.cpuMicros(stat)).isEqualTo((321 + 1234) * 10_000L);
  }

  @Test
  void readsResidentMemory() {
    String status = "Name:\tjava\nVmPeak:\t 9 kB\nVmHWM:\t 300000 kB\nVmRSS:\t  289124 kB\n";
    assertThat(Usage.bytes(status, "VmRSS:")).isEqualTo(289_124L * 1024);
    assertThat(Usage.bytes(status, "VmHWM:")).isEqualTo(300_000L * 1024);
    assertThat(Usage.bytes("Name:\tkthreadd\n", "VmRSS:")).isZero();
  }

  @Test
  void seesThisProcess() {
    Usage own = Usage.of(ProcessHandle.current().pid());
    assertThat(own.residentBytes()).isGreaterThan(1 << 20);
    assertThat(own.peakBytes()).isGreaterThanOrEqualTo(own.residentBytes() / 2);
  }

  @Test
  void processThatIsGoneUsesNothing() {
    assertThat(Usage.of(Long.MAX_VALUE)).isEqualTo(Usage.NOTHING);
  }
}
