package io.tidegate.ratelimit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.tidegate.platform.ConfigLoader;
import io.tidegate.platform.ConfigSection;
import io.tidegate.platform.ConfigurationException;
import io.tidegate.platform.Problem;
import io.tidegate.ratelimit.LimitsConfig.By;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class LimitsConfigTest {
  @Test
  void defaults() {
    LimitsConfig config = SomeLimits.config();
    assertThat(config.enabled()).isTrue();
    assertThat(config.maxSubjects()).isEqualTo(20_000);
    assertThat(config.policies()).isEmpty();
  }

  @Test
  void everyKey() {
    LimitsConfig config =
        SomeLimits.config(
            "enabled", "false",
            "max-subjects", "7",
            "policies.a.by", "write-key",
            "policies.a.limit", "600",
            "policies.a.period", "1m",
            "policies.a.burst", "90",
            "policies.a.cost", "3",
            "policies.a.routes", "one,two",
            "policies.a.overrides.dev.limit", "1200",
            "policies.a.overrides.dev.period", "30s",
            "policies.a.overrides.dev.burst", "300");
    assertThat(config.enabled()).isFalse();
    assertThat(config.maxSubjects()).isEqualTo(7);
    Policy policy = Policies.of(config).getFirst();
    assertThat(policy.by()).isEqualTo(By.WRITE_KEY);
    assertThat(policy.routes()).containsExactlyInAnyOrder("one", "two");
    assertThat(policy.quota()).isEqualTo(Quota.of(600, 60_000_000, 90, 3));
    assertThat(policy.quotaOf("dev")).isEqualTo(Quota.of(1_200, 30_000_000, 300, 3));
    assertThat(policy.quotaOf("other")).isEqualTo(policy.quota());
    assertThat(policy.headerItem("dev")).isEqualTo("\"a\";q=1200;w=30");
  }

  @Test
  void burstIsATenthOfTheLimitAndCostOneUnlessGiven() {
    LimitsConfig config =
        SomeLimits.config(
            "policies.a.by",
            "user",
            "policies.a.limit",
            "600",
            "policies.a.period",
            "60s",
            "policies.a.overrides.x.limit",
            "5000");
    Policy policy = Policies.of(config).getFirst();
    assertThat(policy.quota().burst()).isEqualTo(60);
    assertThat(policy.quota().cost()).isEqualTo(1);
    assertThat(policy.quotaOf("x").burst()).isEqualTo(500);
  }

  @Test
  void findsEveryProblemAtOnce() {
    ConfigurationException wrong =
        catchThrowableOfType(
            ConfigurationException.class,
            () ->
                SomeLimits.config(
                    "max-subjects", "0",
                    "policies.No_Good.by", "user",
                    "policies.No_Good.limit", "0",
                    "policies.No_Good.period", "10ms",
                    "policies.b.by", "address",
                    "policies.b.limit", "1000",
                    "policies.b.period", "1s",
                    "policies.b.burst", "3",
                    "policies.c.by", "user",
                    "policies.c.limit", "999983",
                    "policies.c.period", "1d",
                    "policies.c.burst", "999983",
                    "policies.c.cost", "0",
                    "policies.d.by", "user",
                    "policies.d.limit", "999983",
                    "policies.d.period", "1d",
                    "policies.d.burst", "999983",
                    "policies.e.by", "user",
                    "policies.e.limit", "10",
                    "policies.e.period", "1s",
                    "policies.e.cost", "-1",
                    "policies.e.overrides.dev.limit", "-5"));
    assertThat(wrong.problems())
        .extracting(
            problem ->
                problem.key() + ": " + problem.value() + " (expected: " + problem.expected() + ")")
        .contains(
            "limits.max-subjects: 0 (expected: 1 to 10000000)",
            "limits.policies.No_Good.limit: 0 (expected: >= 1)",
            "limits.policies.No_Good.period: PT0.01S (expected: 1s to 31d)",
            "limits.policies.b.burst: 3 (expected: 40 to 1000000000)",
            "limits.policies.c.cost: 0 (expected: 1 to 1000000000)",
            "limits.policies.e.overrides.dev.limit: -5 (expected: >= 1)");
    assertThat(wrong.problems())
        .extracting(Problem::key)
        .contains("limits.policies.No_Good", "limits.policies.d.limit", "limits.policies.e.cost");
  }

  @Test
  void theFileThatComesWithTheGatewayIsGood() {
    LimitsConfig config =
        ConfigLoader.load(
                List.of(Path.of("../../conf/limits.yaml")),
                Map.of(),
                Map.of(),
                List.of(new ConfigSection<>(LimitsConfig.class, LimitsConfig::check)))
            .get(LimitsConfig.class);
    assertThat(Policies.of(config)).extracting(Policy::by).contains(By.values());
    assertThat(config.policies().get("per-write-key").overrides().get("dev").limit())
        .hasValue(600_000);
  }
}
