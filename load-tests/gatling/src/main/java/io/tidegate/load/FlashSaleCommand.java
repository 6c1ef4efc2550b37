package io.tidegate.load;

import io.gatling.javaapi.core.Simulation;
import java.time.Duration;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@link FlashSale} as a command. */
@Command(
    name = "flash-sale",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "One hot item: from next to nothing to full load in 5 s. Besides shoppers, three scalpers",
      "send as much as their limit lets them and more: 429 is expected, for them alone.",
      "Default: 1,500 requests a second for 60 s. The limit by user (conf/limits.yaml: 6,000 a",
      "minute, 1,000 at once; say so with --limit and --burst when it is another) must be less",
      "than a scalper's 10 %% of that.",
      "Asserts: nothing fails; the limit bites, and holds over all nodes; no shopper is refused;",
      "99 of 100 calls within 1 s."
    })
final class FlashSaleCommand extends ScenarioCommand {
  private static final double RATE = 1_500;
  private static final Duration DURATION = Duration.ofSeconds(60);
  private static final Duration RISE = Duration.ofSeconds(5);

  /** The first answer and the last are seen a moment late. */
  private static final Duration LOOKS = Duration.ofMillis(500);

  @Option(
      names = "--limit",
      paramLabel = "N",
      defaultValue = "6000",
      description = "Requests a minute that a user has (default: ${DEFAULT-VALUE}).")
  private long limit;

  @Option(
      names = "--burst",
      paramLabel = "N",
      defaultValue = "1000",
      description = "Requests that a user has at once (default: ${DEFAULT-VALUE}).")
  private long burst;

  @Override
  Class<? extends Simulation> simulation() {
    return FlashSale.class;
  }

  @Override
  ArrivalPlan plan() {
    Duration duration = options.durationOr(DURATION);
    require(
        duration.compareTo(RISE) <= 0
            ? "--duration: %d s (expected: more than %d s)"
                .formatted(duration.toSeconds(), RISE.toSeconds())
            : null);
    require(limit < 1 ? "--limit: " + limit + " (expected: at least 1)" : null);
    require(burst < 1 ? "--burst: " + burst + " (expected: at least 1)" : null);
    require(
        options.users <= FlashSale.SCALPERS
            ? "--users: %d (expected: more than the %d scalpers)"
                .formatted(options.users, FlashSale.SCALPERS)
            : null);
    double arrivals = options.rateOr(RATE) / requestsPerUser();
    long rising = Math.round(RISE.toSeconds() * arrivals * 0.505);
    long full = Math.round(duration.minus(RISE).toMillis() / 1e3 * arrivals);
    return ArrivalPlan.of(
        Ramp.of(arrivals / 100, arrivals, Math.max(1, rising)),
        Ramp.of(arrivals, arrivals, Math.max(1, full)));
  }

  @Override
  double requestsPerUser() {
    return FlashSale.REQUESTS * (1 + FlashSale.SCALPING);
  }

  @Override
  Companion companion(Stage stage) {
    return took -> {
      Answers answers = stage.answers();
      double minutes = took.plus(LOOKS).toMillis() / 6e4;
      long most = FlashSale.SCALPERS * (burst + (long) Math.ceil(limit * minutes));
      long refused = answers.count(FlashSale.SCALPER, 429, 429);
      long served = answers.count(FlashSale.SCALPER, 200, 200);
      return List.of(
          Verdict.of(
              refused > 0,
              "the limit bites: of the scalpers' requests %,d were served, %,d refused with 429",
              served,
              refused),
          Verdict.of(
              served <= most,
              "the limit holds: %,d served of the %,d that %d scalpers have in the time",
              served,
              most,
              FlashSale.SCALPERS),
          Verdict.of(
              answers.count(FlashSale.SHOPPER, 429, 429) == 0,
              "no shopper is refused for what scalpers do: %,d were",
              answers.count(FlashSale.SHOPPER, 429, 429)));
    };
  }
}
