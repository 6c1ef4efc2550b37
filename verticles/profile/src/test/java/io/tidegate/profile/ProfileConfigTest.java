package io.tidegate.profile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidegate.platform.ConfigLoader;
import io.tidegate.platform.ConfigurationException;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ProfileConfigTest {
  @Test
  void defaults() {
    ProfileConfig config = ConfigLoader.section(ProfileConfig.class, Map.of());

    assertThat(config.processBytes()).isEmpty();
    assertThat(config.freshFor()).isEqualTo(Duration.ofSeconds(30));
    assertThat(config.revalidateFor()).isEqualTo(Duration.ofMinutes(5));
    assertThat(config.processLifetime()).isEqualTo(Duration.ofHours(1));
    assertThat(config.absentFor()).isEqualTo(Duration.ofSeconds(5));
    assertThat(config.retryAfter()).isEqualTo(Duration.ofSeconds(1));
    assertThat(config.jitter()).isEqualTo(0.2);
    assertThat(config.redisLifetime()).isEqualTo(Duration.ofHours(24));
    assertThat(config.redisAbsentFor()).isEqualTo(Duration.ofMinutes(1));
    assertThat(config.redisFreshFor()).isEqualTo(Duration.ofMinutes(1));
    assertThat(config.floorFor()).isEqualTo(Duration.ofMinutes(1));
    assertThat(config.maxPendingFloors()).isEqualTo(100_000);
    assertThat(config.instances()).isEqualTo(1);
    assertThat(config.batchSize()).isEqualTo(500);
    assertThat(config.maxQueries()).isEqualTo(4);
    assertThat(config.maxWaiting()).isEqualTo(10_000);
    assertThat(config.waitLimit()).isEqualTo(Duration.ofMillis(500));
    assertThat(config.queryLimit()).isEqualTo(Duration.ofMillis(1_500));
    assertThat(config.eraseLimit()).isEqualTo(Duration.ofSeconds(8));
  }

  @Test
  void defaultsPassTheirOwnChecks() {
    assertThat(Profiles.config().batchSize()).isEqualTo(500);
  }

  @Test
  void everyKeyIsMappedAndChecked() {
    String[] bad = {
      "process-bytes", "10",
      "fresh-for", "0s",
      "revalidate-for", "-PT1S",
      "process-lifetime", "-PT2S",
      "absent-for", "0s",
      "retry-after", "0s",
      "jitter", "0.9",
      "redis-lifetime", "0s",
      "redis-absent-for", "0s",
      "redis-fresh-for", "0s",
      "floor-for", "1s",
      "max-pending-floors", "0",
      "instances", "0",
      "batch-size", "0",
      "max-queries", "0",
      "max-waiting", "0",
      "wait-limit", "0s",
      "query-limit", "3s",
      "erase-limit", "10s"
    };

    assertThatThrownBy(() -> Profiles.config(bad))
        .isInstanceOfSatisfying(
            ConfigurationException.class,
            e -> {
              for (int i = 0; i < bad.length; i += 2) {
                String key = "profile." + bad[i];
                assertThat(e.problems()).anyMatch(problem -> problem.key().equals(key));
              }
            });
  }
}
