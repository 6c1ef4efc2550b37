package io.tidegate.ratelimit;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.tidegate.platform.Checks;
import io.tidegate.platform.ConfigurationException;
import io.tidegate.platform.Problem;
import io.tidegate.proto.ratelimit.LimitPolicy;
import io.tidegate.proto.ratelimit.LimitRate;
import io.tidegate.proto.ratelimit.Limits;
import io.tidegate.ratelimit.LimitsConfig.By;
import io.tidegate.ratelimit.LimitsConfig.OverrideConfig;
import io.tidegate.ratelimit.LimitsConfig.PolicyConfig;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;

/**
 * The policies as nodes hand them to each other: what limits.yaml and the environment say together.
 * {@code max-subjects} is not in it, since it is about one node's memory.
 */
final class LimitsDocument {
  private LimitsDocument() {}

  /** The same bytes for the same policies, in whatever order they were written. */
  static ByteString of(LimitsConfig config) {
    Limits.Builder limits = Limits.newBuilder().setEnabled(config.enabled());
    new TreeMap<>(config.policies())
        .forEach((name, policy) -> limits.addPolicies(policy(name, policy)));
    return limits.build().toByteString();
  }

  private static LimitPolicy policy(String name, PolicyConfig written) {
    LimitPolicy.Builder policy =
        LimitPolicy.newBuilder()
            .setName(name)
            .setBy(written.by().name())
            .setCost(written.cost())
            .setRate(
                rate(
                    OptionalLong.of(written.limit()),
                    Optional.of(written.period()),
                    written.burst()));
    written.routes().orElse(Set.of()).stream().sorted().forEach(policy::addRoutes);
    new TreeMap<>(written.overrides())
        .forEach(
            (subject, own) ->
                policy
                    .addOverridesBuilder()
                    .setSubject(subject)
                    .setRate(rate(own.limit(), own.period(), own.burst())));
    return policy.build();
  }

  private static LimitRate rate(OptionalLong limit, Optional<Duration> period, OptionalLong burst) {
    LimitRate.Builder rate = LimitRate.newBuilder();
    limit.ifPresent(rate::setLimit);
    period.ifPresent(length -> rate.setPeriodMicros(length.toNanos() / 1_000));
    burst.ifPresent(rate::setBurst);
    return rate.build();
  }

  /**
   * Reads what another node says.
   *
   * @throws ConfigurationException with all problems, when it can't be in force here
   */
  static LimitsConfig read(ByteString document) {
    Limits limits;
    try {
      limits = Limits.parseFrom(document);
    } catch (InvalidProtocolBufferException e) {
      throw broken("limits", String.valueOf(e.getMessage()), "a document of policies");
    }
    Map<String, PolicyConfig> policies = new HashMap<>();
    limits.getPoliciesList().forEach(policy -> policies.put(policy.getName(), written(policy)));
    LimitsConfig config = new Written(limits.getEnabled(), 1, policies);
    Checks checks = new Checks(key -> "limits.yaml");
    Policies.checkPolicies(config, checks);
    if (!checks.problems().isEmpty()) {
      throw new ConfigurationException(checks.problems());
    }
    return config;
  }

  private static PolicyConfig written(LimitPolicy policy) {
    By by;
    try {
      by = By.valueOf(policy.getBy());
    } catch (IllegalArgumentException e) {
      throw broken(
          "limits.policies." + policy.getName() + ".by",
          policy.getBy(),
          "one of " + List.of(By.values()));
    }
    LimitRate rate = policy.getRate();
    Map<String, OverrideConfig> overrides = new HashMap<>();
    policy
        .getOverridesList()
        .forEach(
            own ->
                overrides.put(
                    own.getSubject(),
                    new WrittenOverride(
                        limit(own.getRate()), period(own.getRate()), burst(own.getRate()))));
    return new WrittenPolicy(
        by,
        rate.getLimit(),
        period(rate).orElse(Duration.ZERO),
        burst(rate),
        policy.getCost(),
        policy.getRoutesCount() == 0
            ? Optional.empty()
            : Optional.of(Set.copyOf(policy.getRoutesList())),
        overrides);
  }

  private static OptionalLong limit(LimitRate rate) {
    return rate.hasLimit() ? OptionalLong.of(rate.getLimit()) : OptionalLong.empty();
  }

  private static Optional<Duration> period(LimitRate rate) {
    return rate.hasPeriodMicros()
        ? Optional.of(Duration.of(rate.getPeriodMicros(), ChronoUnit.MICROS))
        : Optional.empty();
  }

  private static OptionalLong burst(LimitRate rate) {
    return rate.hasBurst() ? OptionalLong.of(rate.getBurst()) : OptionalLong.empty();
  }

  private static ConfigurationException broken(String key, String value, String expected) {
    return new ConfigurationException(List.of(new Problem("limits.yaml", key, value, expected)));
  }

  private record Written(boolean enabled, int maxSubjects, Map<String, PolicyConfig> policies)
      implements LimitsConfig {}

  private record WrittenPolicy(
      By by,
      long limit,
      Duration period,
      OptionalLong burst,
      long cost,
      Optional<Set<String>> routes,
      Map<String, OverrideConfig> overrides)
      implements PolicyConfig {}

  private record WrittenOverride(OptionalLong limit, Optional<Duration> period, OptionalLong burst)
      implements OverrideConfig {}
}
