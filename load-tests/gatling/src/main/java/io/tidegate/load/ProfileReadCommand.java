package io.tidegate.load;

import io.gatling.javaapi.core.Simulation;
import java.time.Duration;
import picocli.CommandLine.Command;

/** {@link ProfileRead} as a command. */
@Command(
    name = "profile-read",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Reads profiles: each of another customer first (cold), then by Zipf's law (warm).",
      "Needs the customers that `load seed` makes. Default: 2,000 requests a second for 60 s.",
      "Asserts: no request fails; warm, 99 of 100 reads take at most 50 ms."
    })
final class ProfileReadCommand extends ScenarioCommand {
  private static final double RATE = 2_000;
  private static final Duration DURATION = Duration.ofSeconds(60);

  @Override
  Class<? extends Simulation> simulation() {
    return ProfileRead.class;
  }

  @Override
  ArrivalPlan plan() {
    return ArrivalPlan.steady(
        options.rateOr(RATE) / requestsPerUser(), options.durationOr(DURATION));
  }

  @Override
  double requestsPerUser() {
    return 1;
  }

  @Override
  void check(Preflight preflight, Stage stage) throws InterruptedException {
    preflight.tokens(options.urlTexts(), stage);
    preflight.seeded(options.urlTexts(), stage, options.customers);
  }

  @Override
  int p99() {
    return 50;
  }
}
