package io.tidegate.projection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidegate.platform.ConfigLoader;
import io.tidegate.platform.ConfigSection;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ProjectionConfigTest {
  private static final ConfigSection<ProjectionConfig> SECTION =
      new ConfigSection<>(ProjectionConfig.class, ProjectionConfig::check);

  @Test
  void defaults() {
    ProjectionConfig config = ConfigLoader.section(SECTION, Map.of());
    assertThat(config.topic()).isEqualTo("tidegate.events");
    assertThat(config.dlqTopic()).isEqualTo("tidegate.events.dlq");
    assertThat(config.groupId()).isEqualTo("tidegate-projection");
    assertThat(config.maxBatch()).isEqualTo(2_000);
    assertThat(config.maxFetchBytes()).isEqualTo(16 << 20);
    assertThat(config.sessionTimeout()).isEqualTo(Duration.ofSeconds(6));
    assertThat(config.statementTimeout()).isEqualTo(Duration.ofSeconds(4));
    assertThat(config.retryDelay()).isEqualTo(Duration.ofMillis(100));
    assertThat(config.maxRetryDelay()).isEqualTo(Duration.ofSeconds(5));
    assertThat(config.probeInterval()).isEqualTo(Duration.ofSeconds(2));
    assertThat(config.housekeepingInterval()).isEqualTo(Duration.ofHours(1));
    assertThat(config.eventRetention()).isEqualTo(Duration.ofDays(365));
    assertThat(config.messageIdRetention()).isEqualTo(Duration.ofDays(30));
    assertThat(config.purchaseEvents()).containsExactly("Order Completed");
    assertThat(config.aliasOfUsers()).isFalse();
    assertThat(config.tags()).isEmpty();
  }

  @Test
  void everyKeyCanBeSet() {
    ProjectionConfig config =
        ConfigLoader.section(
            SECTION,
            Map.of(
                "projection.purchase-events", "Order Completed,Subscription Paid",
                "projection.alias-of-users", "true",
                "projection.tags[0].tag", "buyer",
                "projection.tags[0].when", "purchases > 0",
                "projection.tags[0].otherwise", "looker"));
    assertThat(config.purchaseEvents()).containsExactly("Order Completed", "Subscription Paid");
    assertThat(config.aliasOfUsers()).isTrue();
    assertThat(config.tags().getFirst().tag()).isEqualTo("buyer");
    assertThat(config.tags().getFirst().when()).isEqualTo("purchases > 0");
    assertThat(config.tags().getFirst().otherwise()).contains("looker");
  }

  @Test
  void problemsComeAllAtOnce() {
    assertThatThrownBy(
            () ->
                ConfigLoader.section(
                    SECTION,
                    Map.of(
                        "projection.max-batch", "0",
                        "projection.session-timeout", "2s",
                        "projection.tags[0].tag", "buyer",
                        "projection.tags[0].when", "bought > 0")))
        .hasMessageContaining("projection.max-batch")
        .hasMessageContaining("projection.session-timeout")
        .hasMessageContaining("projection.tags[0].when")
        .hasMessageContaining("'bought' at character 1");
  }
}
