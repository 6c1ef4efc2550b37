package io.tidegate.load;

import static io.gatling.javaapi.core.CoreDsl.ByteArrayBody;
import static io.gatling.javaapi.core.CoreDsl.exec;
import static io.gatling.javaapi.core.CoreDsl.uniformRandomSwitch;
import static io.gatling.javaapi.http.HttpDsl.http;

import io.gatling.javaapi.core.ChainBuilder;
import io.gatling.javaapi.core.Session;
import io.gatling.javaapi.http.HttpRequestActionBuilder;
import io.tidegate.load.Customers.Visitor;
import io.tidegate.load.EventBodies.Kind;
import java.util.Locale;
import java.util.Map;
import java.util.function.UnaryOperator;

/**
 * One visit of the shop: ten requests of a customer who is signed in, of one of four kinds as
 * likely. Over all visits 75 of 100 requests are single events, 2.5 batches, 12.5 reads of the own
 * profile, 10 routed calls.
 */
final class ShopVisit {
  static final int REQUESTS = 10;
  static final int SMALL_BATCH = 10;

  /** Events that 4 visits, one of each kind, bring: 30 single ones and one batch. */
  static final double EVENTS = (30 + SMALL_BATCH) / 4.0;

  private final Stage stage;
  private final UnaryOperator<ChainBuilder> around;
  private final Map<String, String> eventHeaders;

  ShopVisit(Stage stage) {
    this(stage, UnaryOperator.identity());
  }

  /**
   * Visits by whoever has a way of sending requests.
   *
   * @param around what is done about every single request
   */
  ShopVisit(Stage stage, UnaryOperator<ChainBuilder> around) {
    this.stage = stage;
    this.around = around;
    this.eventHeaders = stage.eventHeaders();
  }

  ChainBuilder chain() {
    ChainBuilder view = event(Kind.VIEW);
    ChainBuilder page = event(Kind.PAGE);
    ChainBuilder cart = event(Kind.CART);
    ChainBuilder profile = profile();
    ChainBuilder routed = routed();
    return exec(this::arrive)
        .exec(
            uniformRandomSwitch()
                .on(
                    exec(page, view, view, profile, view, routed, view, view, cart, routed),
                    exec(
                        event(Kind.SCREEN),
                        view,
                        view,
                        view,
                        profile,
                        view,
                        view,
                        event(Kind.FAVOURITE),
                        page,
                        view),
                    exec(batch(), profile, view, view, routed, view, view, cart, view, view),
                    exec(
                        event(Kind.IDENTIFY),
                        view,
                        profile,
                        cart,
                        view,
                        view,
                        routed,
                        event(Kind.PURCHASE),
                        profile,
                        view)));
  }

  private Session arrive(Session session) {
    stage.clock().arrived(System.nanoTime());
    return stage.customers().anyVisitor().in(session);
  }

  private ChainBuilder event(Kind kind) {
    String name = kind.name().toLowerCase(Locale.ROOT);
    return one(
        http(name)
            .post(kind.path())
            .headers(eventHeaders)
            .body(ByteArrayBody(session -> stage.bodies().event(kind, Visitor.of(session).id())))
            .check(stage.answers().expect(name, 200)));
  }

  private ChainBuilder batch() {
    return one(
        http("batch")
            .post("/v1/batch")
            .headers(eventHeaders)
            .body(
                ByteArrayBody(
                    session -> stage.bodies().batch(SMALL_BATCH, Visitor.of(session).id())))
            .check(stage.answers().expect("batch", 200)));
  }

  /** A customer nobody has sent an event of yet has no profile: that answer is right too. */
  private ChainBuilder profile() {
    return one(
        http("profile")
            .get(session -> Visitor.of(session).profile())
            .header("Authorization", session -> Visitor.of(session).authorization())
            .check(stage.answers().expect("profile", 200, 404)));
  }

  private ChainBuilder routed() {
    return one(
        http("routed")
            .get(stage.route())
            .header("Authorization", session -> Visitor.of(session).authorization())
            .check(stage.answers().expect("routed", 200)));
  }

  private ChainBuilder one(HttpRequestActionBuilder request) {
    return around.apply(exec(request));
  }
}
