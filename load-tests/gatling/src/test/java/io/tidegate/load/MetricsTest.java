package io.tidegate.load;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidegate.load.Metrics.Sample;
import org.junit.jupiter.api.Test;

class MetricsTest {
  private static final String PAGE =
      """
      # HELP tidegate_ingestion_events_total events
      # TYPE tidegate_ingestion_events_total counter
      tidegate_ingestion_events_total{outcome="accepted"} 18470.0
      tidegate_ingestion_events_total{outcome="invalid"} 2.0
      tidegate_ingestion_events_total_other{outcome="accepted"} 5
      jvm_memory_used_bytes{area="heap",id="PS Eden Space"} 3.3E7
      jvm_memory_used_bytes{area="heap",id="PS Old Gen"} 6.5E7
      tidegate_up 1
      nonsense
      broken x
      """;

  private final Sample sample = new Sample(Metrics.parse(PAGE));

  @Test
  void aMetricIsSummedOverTheTagsThatFit() {
    assertThat(sample.sum("tidegate_ingestion_events_total", "")).isEqualTo(18_472);
    assertThat(sample.sum("tidegate_ingestion_events_total", "outcome=\"accepted\""))
        .isEqualTo(18_470);
    assertThat(sample.sum("jvm_memory_used_bytes", "area=\"heap\"")).isEqualTo(9.8e7);
    assertThat(sample.sum("tidegate_up", "")).isEqualTo(1);
  }

  @Test
  void whatIsNotThereIsZero() {
    assertThat(sample.sum("tidegate_ingestion", "")).isZero();
  }
}
