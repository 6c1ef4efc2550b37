package io.tidegate.load;

import static io.gatling.javaapi.core.CoreDsl.global;
import static io.gatling.javaapi.core.CoreDsl.scenario;

import io.gatling.javaapi.core.Session;
import io.gatling.javaapi.core.Simulation;
import java.time.Duration;

/**
 * Visits while an upstream and then a node die. A client that gets no good answer asks the next
 * node, with the same events; nobody may be left without one, and what was acknowledged is stored.
 */
public final class Failover extends Simulation {
  private static final int TRIES = 6;
  private static final double MOST_AWAY_SECONDS = 8;
  private static final Duration FIRST_PAUSE = Duration.ofMillis(100);

  private final Stage stage = Stage.current();

  /** Made by Gatling. */
  public Failover() {
    ShopVisit visit =
        new ShopVisit(
            stage,
            this::node,
            request ->
                Retries.around(request, TRIES, FIRST_PAUSE)
                    .exec(
                        session -> {
                          settle(session);
                          return Letter.outOf(session.markAsSucceeded());
                        }));
    setUp(scenario("failover").exec(visit.chain()).injectOpen(stage.arrivals()))
        .protocols(stage.protocol())
        .assertions(
            global().failedRequests().percent().lte(mostFailures()),
            global().responseTime().percentile3().lte(stage.p99()));
  }

  private void settle(Session session) {
    if (session.isFailed()) {
      stage.sessions().giveUp();
    } else if (Letter.isIn(session)) {
      stage.sent().acknowledge(Letter.of(session));
    }
  }

  /** In percent: while a node is away its share of the tries fails, and a few when it goes. */
  private double mostFailures() {
    double away = Math.min(1, MOST_AWAY_SECONDS / stage.plan().duration().toSeconds());
    return 1 + 100 * away / stage.urls().size();
  }

  /** The user's own node first, then those after it. */
  private String node(Session session) {
    int place = (int) ((session.userId() + session.getInt(Retries.TRY)) % stage.urls().size());
    return stage.urls().get(place);
  }
}
