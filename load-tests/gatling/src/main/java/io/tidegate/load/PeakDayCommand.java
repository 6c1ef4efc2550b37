package io.tidegate.load;

import io.gatling.javaapi.core.Simulation;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@link PeakDay} as a command. */
@Command(
    name = "peak-day",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "A sales day's requests in the shape of a 618 evening: a ramp at 20:00, a spike at midnight.",
      "The day is pressed together so that the spike has --rate requests a second; without --rate",
      "the gateway is warmed up and measured first, and the spike is 70 %% of what it did.",
      "Asserts: no request fails, 99 of 100 answers within 1 s, no event is lost."
    })
final class PeakDayCommand extends ScenarioCommand {
  private static final long MOST_REQUESTS = 1_000_000_000;
  private static final double OF_MEASURED = 0.7;
  private static final int MEASURING_SECONDS = 75;

  @Option(
      names = "--requests",
      paramLabel = "N",
      defaultValue = "3000000",
      description = "Requests of the day (default: ${DEFAULT-VALUE}).")
  private long requests;

  @Override
  Class<? extends Simulation> simulation() {
    return PeakDay.class;
  }

  @Override
  double requestsPerUser() {
    return ShopVisit.REQUESTS;
  }

  @Override
  ArrivalPlan plan() throws IOException, InterruptedException {
    require(
        requests < ShopVisit.REQUESTS || requests > MOST_REQUESTS
            ? "--requests: %d (expected: %d to %d)"
                .formatted(requests, ShopVisit.REQUESTS, MOST_REQUESTS)
            : null);
    require(
        options.duration == null
            ? null
            : "--duration: not with peak-day (expected: --requests and --rate, which give it)");
    double peak = options.rate == null ? OF_MEASURED * measured() : options.rate;
    return ArrivalPlan.shaped(
        Evening.SHAPE, requests / ShopVisit.REQUESTS, Math.max(1, peak / requestsPerUser()));
  }

  /** Requests a second that the machine does with all of it, load generator included. */
  private double measured() throws IOException, InterruptedException {
    say("Warming up and measuring for " + MEASURING_SECONDS + " s");
    Stage stage = stage(ArrivalPlan.steady(1, Duration.ofSeconds(MEASURING_SECONDS)));
    try (Preflight preflight = new Preflight()) {
      check(preflight, stage);
    }
    Stage.set(stage);
    Speed speed = new Speed(stage.answers());
    try (speed) {
      new GatlingRun(options.results).run(WarmUp.class, false);
    }
    long limited = stage.answers().count("", 429, 429);
    say(
        String.format(
            Locale.ROOT,
            "%,.0f requests a second, load generator included%s",
            speed.lately(),
            limited == 0
                ? ""
                : String.format(
                    Locale.ROOT,
                    "; %,d more were refused by limits, which can be raised in limits.yaml",
                    limited)));
    return speed.lately();
  }

  @Override
  Companion companion(Stage stage) throws InterruptedException {
    return keepingBooks(
        balance -> List.of(balance.nothingLost(ShopVisit.acknowledged(stage.answers()))));
  }
}
