package io.tidegate.load;

import static io.gatling.javaapi.core.CoreDsl.details;
import static io.gatling.javaapi.core.CoreDsl.exec;
import static io.gatling.javaapi.core.CoreDsl.global;
import static io.gatling.javaapi.core.CoreDsl.scenario;
import static io.gatling.javaapi.http.HttpDsl.http;

import io.gatling.javaapi.core.ChainBuilder;
import io.gatling.javaapi.core.Session;
import io.gatling.javaapi.core.Simulation;
import java.util.function.Function;

/**
 * Profiles read by agents: first each of another customer, so that no cache helps, then by Zipf's
 * law, as a warm gateway sees them. Both must answer every time; warm must be fast.
 */
public final class ProfileRead extends Simulation {
  static final String COLD = "profile (cold)";
  static final String WARM = "profile (warm)";

  /** Of the arrivals, so many percent come before it is warm. */
  static final int COLD_PERCENT = 30;

  /** Made by Gatling. */
  public ProfileRead() {
    Stage stage = Stage.current();
    long cold = stage.plan().arrivals() * COLD_PERCENT / 100;
    ChainBuilder coldReads = reads(stage, COLD, session -> stage.customers().coldPath());
    ChainBuilder warmReads = reads(stage, WARM, session -> stage.customers().popularPath());
    setUp(
            scenario("profile read")
                .exec(
                    session -> {
                      stage.clock().arrived(System.nanoTime());
                      return session.set("authorization", stage.customers().anyAgent());
                    })
                .doIfOrElse(session -> stage.clock().arrivals() <= cold)
                .then(coldReads)
                .orElse(warmReads)
                .injectOpen(stage.arrivals()))
        .protocols(stage.protocol())
        .assertions(
            global().failedRequests().count().is(0L),
            details(WARM).responseTime().percentile3().lte(stage.p99()));
  }

  private static ChainBuilder reads(Stage stage, String name, Function<Session, String> path) {
    return exec(
        http(name)
            .get(path)
            .header("Authorization", session -> authorization(session))
            .check(stage.answers().expect(name, 200)));
  }

  private static String authorization(Session session) {
    return String.valueOf(session.getString("authorization"));
  }
}
