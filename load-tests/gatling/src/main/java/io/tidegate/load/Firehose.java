package io.tidegate.load;

import static io.gatling.javaapi.core.CoreDsl.ByteArrayBody;
import static io.gatling.javaapi.core.CoreDsl.global;
import static io.gatling.javaapi.core.CoreDsl.scenario;
import static io.gatling.javaapi.http.HttpDsl.http;

import io.gatling.javaapi.core.Session;
import io.gatling.javaapi.core.Simulation;

/** Batches of events, as collectors of other systems send them; all must be acknowledged. */
public final class Firehose extends Simulation {
  static final String BATCH = "batch";

  /** Made by Gatling. */
  public Firehose() {
    Stage stage = Stage.current();
    setUp(
            scenario("firehose")
                .exec(session -> arrive(stage, session))
                .exec(
                    http(BATCH)
                        .post("/v1/batch")
                        .headers(stage.eventHeaders())
                        .body(ByteArrayBody(session -> batch(stage)))
                        .check(stage.answers().expect(BATCH, 200)))
                .injectOpen(stage.arrivals()))
        .protocols(stage.protocol())
        .assertions(
            global().failedRequests().count().is(0L),
            global().responseTime().percentile3().lte(stage.p99()));
  }

  private static Session arrive(Stage stage, Session session) {
    stage.clock().arrived(System.nanoTime());
    return session;
  }

  private static byte[] batch(Stage stage) {
    return stage.bodies().batch(stage.batch(), stage.customers().anyId());
  }
}
