package io.tidegate.ratelimit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.protobuf.ByteString;
import io.tidegate.platform.ConfigurationException;
import io.tidegate.proto.ratelimit.LimitPolicy;
import io.tidegate.proto.ratelimit.Limits;
import org.junit.jupiter.api.Test;

class LimitsDocumentTest {
  private static final String[] ALL = {
    "enabled", "false",
    "policies.b.by", "user",
    "policies.b.limit", "600",
    "policies.b.period", "1m",
    "policies.a.by", "write-key",
    "policies.a.limit", "600",
    "policies.a.period", "1500ms",
    "policies.a.burst", "90",
    "policies.a.cost", "3",
    "policies.a.routes", "two,one",
    "policies.a.overrides.dev.limit", "1200",
    "policies.a.overrides.dev.burst", "300",
    "policies.a.overrides.\"10.0.0.1\".period", "30s",
  };

  @Test
  void saysAllThatTheFileSays() {
    LimitsConfig config = SomeLimits.config(ALL);
    LimitsConfig read = LimitsDocument.read(LimitsDocument.of(config));
    assertThat(read.enabled()).isFalse();
    assertThat(Policies.of(read)).isEqualTo(Policies.of(config)).hasSize(2);
    assertThat(LimitsDocument.of(read)).isEqualTo(LimitsDocument.of(config));
  }

  @Test
  void whatCannotBeInForceHereIsRefusedWithAllProblems() {
    Limits strange =
        Limits.newBuilder()
            .addPolicies(LimitPolicy.newBuilder().setName("a").setBy("PLANET").setCost(1))
            .build();
    assertThat(refusal(strange.toByteString())).hasMessageContaining("PLANET");
    Limits empty =
        Limits.newBuilder()
            .addPolicies(LimitPolicy.newBuilder().setName("A!").setBy("USER"))
            .build();
    assertThat(refusal(empty.toByteString()).problems()).hasSizeGreaterThan(2);
    assertThat(refusal(ByteString.copyFromUtf8("garbage"))).isNotNull();
  }

  private static ConfigurationException refusal(ByteString document) {
    return catchThrowableOfType(ConfigurationException.class, () -> LimitsDocument.read(document));
  }
}
