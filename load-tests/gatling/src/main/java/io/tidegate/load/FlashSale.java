package io.tidegate.load;

import static io.gatling.javaapi.core.CoreDsl.ByteArrayBody;
import static io.gatling.javaapi.core.CoreDsl.details;
import static io.gatling.javaapi.core.CoreDsl.exec;
import static io.gatling.javaapi.core.CoreDsl.global;
import static io.gatling.javaapi.core.CoreDsl.scenario;
import static io.gatling.javaapi.http.HttpDsl.http;

import io.gatling.javaapi.core.ChainBuilder;
import io.gatling.javaapi.core.Session;
import io.gatling.javaapi.core.Simulation;
import io.gatling.javaapi.http.HttpRequestActionBuilder;
import io.tidegate.load.Customers.Visitor;
import io.tidegate.load.EventBodies.Kind;

/**
 * One item goes on sale: from next to nothing to full load in five seconds. Shoppers do little each
 * and must all be served. Three scalpers ask for the item without pause; their limit must bite, and
 * 429 is the answer they should get, while nobody else notices.
 */
public final class FlashSale extends Simulation {
  static final String SHOPPER = "shopper";
  static final String SCALPER = "scalper";
  static final int REQUESTS = 4;
  static final int SCALPERS = 3;

  /** Scalpers' requests beside each of the shoppers'. */
  static final double SCALPING = 0.4;

  private final Stage stage = Stage.current();

  /** Made by Gatling. */
  public FlashSale() {
    ChainBuilder shopping =
        exec(this::arrive)
            .exec(
                event(Kind.VIEW),
                item(SHOPPER, 200),
                stage.answers().ownProfile(SHOPPER + " profile", session -> ""),
                event(Kind.CART));
    ChainBuilder scalping =
        exec(session -> stage.customers().oneOfTheFirst(SCALPERS).in(session))
            .exec(item(SCALPER, 200, 429));
    setUp(
            scenario("shoppers").exec(shopping).injectOpen(stage.arrivals()),
            scenario("scalpers").exec(scalping).injectOpen(stage.arrivals(REQUESTS * SCALPING)))
        .protocols(stage.protocol())
        .assertions(
            global().failedRequests().count().is(0L),
            details(SHOPPER + " item").responseTime().percentile3().lte(stage.p99()));
  }

  private Session arrive(Session session) {
    stage.clock().arrived(System.nanoTime());
    return stage.customers().anyVisitorBut(SCALPERS).in(session);
  }

  private HttpRequestActionBuilder item(String who, Integer... statuses) {
    return http(who + " item")
        .get(stage.route() + "?item=p-618")
        .header("Authorization", session -> Visitor.of(session).authorization())
        .check(stage.answers().expect(who + " item", statuses));
  }

  private HttpRequestActionBuilder event(Kind kind) {
    String name = SHOPPER + " event";
    return http(name)
        .post(kind.path())
        .headers(stage.eventHeaders())
        .body(ByteArrayBody(session -> stage.bodies().event(kind, Visitor.of(session).id())))
        .check(stage.answers().expect(name, 200));
  }
}
