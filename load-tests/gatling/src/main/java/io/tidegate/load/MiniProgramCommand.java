package io.tidegate.load;

import io.gatling.javaapi.core.Simulation;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@link MiniProgram} as a command. */
@Command(
    name = "mini-program",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Sessions in a phone: sign in, page views, profile, routed calls, time to think, and a network",
      "that delays everything and cuts connections; what got no answer is sent again.",
      "Default: 100 requests a second for 60 s, and as long as the last session takes.",
      "Asserts: every session comes to its end, nothing is answered with an error, 99 of 100 answers",
      "within 1 s, no event is lost, none counts twice."
    })
final class MiniProgramCommand extends ScenarioCommand {
  private static final double RATE = 100;
  private static final Duration DURATION = Duration.ofSeconds(60);
  private static final int MOST_DELAY_MILLIS = 40;

  /**
   * Beyond this a session would be given up now and then, and its six tries are no fault of the
   * gateway's.
   */
  private static final double MOST_CUTS = 0.05;

  @Option(
      names = "--cuts",
      paramLabel = "P",
      defaultValue = "0.02",
      description =
          "How likely a piece of a stream is its connection's last, 0 to 0.05 (default: ${DEFAULT-VALUE}).")
  private double cuts;

  @Override
  Class<? extends Simulation> simulation() {
    return MiniProgram.class;
  }

  @Override
  ArrivalPlan plan() {
    require(
        cuts >= 0 && cuts <= MOST_CUTS
            ? null
            : "--cuts: " + cuts + " (expected: 0 to " + MOST_CUTS + ")");
    for (URI url : options.urls) {
      require(
          "http".equals(url.getScheme())
              ? null
              : "--url: " + url + " (expected: http; the network is cut in between)");
    }
    return ArrivalPlan.steady(
        options.rateOr(RATE) / requestsPerUser(), options.durationOr(DURATION));
  }

  @Override
  double requestsPerUser() {
    return MiniProgram.STEPS;
  }

  @Override
  int run() throws IOException, InterruptedException {
    try (FlakyNetwork network = new FlakyNetwork(cuts, MOST_DELAY_MILLIS)) {
      List<String> relayed = new ArrayList<>();
      for (URI url : options.urls) {
        relayed.add(network.to(url));
      }
      return run(stage -> stage.over(relayed), stage -> judged(stage, network));
    }
  }

  private Companion judged(Stage stage, FlakyNetwork network) throws InterruptedException {
    Companion books =
        keepingBooks(
            balance ->
                List.of(
                    balance.nothingLost(
                        stage.sessions().givenUp() == 0 ? stage.bodies().made() : 0),
                    Verdict.of(
                        balance.projected() == stage.bodies().made(),
                        "no event counts twice: %,d different ones sent, %,d counted,"
                            + " %,d had been sent again",
                        stage.bodies().made(),
                        balance.projected(),
                        balance.duplicates())));
    return took -> {
      List<Verdict> verdicts = new ArrayList<>();
      long refused =
          stage.answers().count("", 400, AnswerCounts.STATUSES - 1)
              - stage.answers().count(MiniProgram.PROFILE, 404, 404);
      verdicts.add(
          Verdict.of(
              refused == 0,
              "only the network fails: %,d requests were answered with an error",
              refused));
      verdicts.add(
          Verdict.of(
              stage.sessions().givenUp() == 0
                  && stage.sessions().completed() == stage.plan().arrivals(),
              "every session comes to its end: %,d of %,d did, through %,d cut connections",
              stage.sessions().completed(),
              stage.plan().arrivals(),
              network.cuts()));
      verdicts.addAll(books.end(took));
      return verdicts;
    };
  }
}
