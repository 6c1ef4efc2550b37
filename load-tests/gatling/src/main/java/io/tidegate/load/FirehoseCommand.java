package io.tidegate.load;

import io.gatling.javaapi.core.Simulation;
import java.time.Duration;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@link Firehose} as a command. */
@Command(
    name = "firehose",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Batches of events, from customers by Zipf's law. Default: 100 batches a second for 60 s.",
      "Asserts: no batch fails, 99 of 100 take at most 1 s, no event is lost."
    })
final class FirehoseCommand extends ScenarioCommand {
  private static final double RATE = 100;
  private static final Duration DURATION = Duration.ofSeconds(60);
  private static final int LARGEST_BATCH = 2_500;

  @Option(
      names = "--batch-size",
      paramLabel = "N",
      defaultValue = "100",
      description = "Events a batch (default: ${DEFAULT-VALUE}).")
  private int batchSize;

  @Override
  Class<? extends Simulation> simulation() {
    return Firehose.class;
  }

  @Override
  ArrivalPlan plan() {
    require(
        batchSize < 1 || batchSize > LARGEST_BATCH
            ? "--batch-size: %d (expected: 1 to %d)".formatted(batchSize, LARGEST_BATCH)
            : null);
    return ArrivalPlan.steady(
        options.rateOr(RATE) / requestsPerUser(), options.durationOr(DURATION));
  }

  @Override
  double requestsPerUser() {
    return 1;
  }

  @Override
  int batch() {
    return batchSize;
  }

  @Override
  Companion companion(Stage stage) throws InterruptedException {
    return keepingBooks(
        balance ->
            List.of(
                balance.nothingLost(batchSize * stage.answers().count(Firehose.BATCH, 200, 200))));
  }
}
