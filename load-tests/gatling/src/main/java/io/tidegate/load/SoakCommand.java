package io.tidegate.load;

import io.gatling.javaapi.core.Simulation;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;

/** {@link Soak} as a command. */
@Command(
    name = "soak",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Shop visits at a steady rate for hours, and the nodes' memory beside it: 24 times in the run,",
      "or each five minutes, they collect their garbage and tell what is left of the heap, and what of",
      "the process is resident beside it.",
      "Default: 500 requests a second for 4h.",
      "Asserts: nothing fails; 99 of 100 answers within 200 ms; the least of it in the last quarter",
      "is at most a tenth more than in the second, the heap's part by itself a tenth and 8 MiB (from",
      "10 min on; a shorter --duration rules it out); no event is lost."
    })
final class SoakCommand extends ScenarioCommand {
  private static final double RATE = 500;
  private static final Duration DURATION = Duration.ofHours(4);

  @Override
  Class<? extends Simulation> simulation() {
    return Soak.class;
  }

  @Override
  ArrivalPlan plan() {
    return ArrivalPlan.steady(
        options.rateOr(RATE) / requestsPerUser(), options.durationOr(DURATION));
  }

  @Override
  double requestsPerUser() {
    return ShopVisit.REQUESTS;
  }

  @Override
  Companion companion(Stage stage) throws InterruptedException {
    Companion books =
        keepingBooks(
            balance -> List.of(balance.nothingLost(ShopVisit.acknowledged(stage.answers()))));
    if (stage.plan().duration().compareTo(MemoryWatch.SHORTEST) < 0) {
      return took -> with(books.end(took), MemoryWatch.ruledOut());
    }
    MemoryWatch memory =
        new MemoryWatch(new Metrics(options.managementTexts()), stage.plan().duration());
    return took -> {
      memory.close();
      return with(books.end(took), memory.verdict());
    };
  }

  private static List<Verdict> with(List<Verdict> verdicts, Verdict last) {
    List<Verdict> all = new ArrayList<>(verdicts);
    all.add(last);
    return all;
  }

  @Override
  int p99() {
    return 200;
  }
}
