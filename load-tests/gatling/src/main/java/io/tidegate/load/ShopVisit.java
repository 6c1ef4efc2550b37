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
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * One visit of the shop: ten requests of a customer who is signed in, of one of four kinds as
 * likely. Over all visits 75 of 100 requests are single events, 2.5 batches, 12.5 reads of the own
 * profile, 10 routed calls.
 */
final class ShopVisit {
  static final int REQUESTS = 10;
  static final int SMALL_BATCH = 10;

  static final String ROUTED = "routed";

  private static final String BATCH = "batch";

  private final Stage stage;
  private final @Nullable Function<Session, String> node;
  private final UnaryOperator<ChainBuilder> around;
  private final Map<String, String> eventHeaders;

  ShopVisit(Stage stage) {
    this(stage, null, UnaryOperator.identity());
  }

  /**
   * Visits by whoever has a way of sending requests.
   *
   * @param node the address that a request goes to, whose events the session keeps as a {@link
   *     Letter}; null for the protocol's, which costs less
   * @param around what is done about every single request
   */
  ShopVisit(
      Stage stage, @Nullable Function<Session, String> node, UnaryOperator<ChainBuilder> around) {
    this.stage = stage;
    this.node = node;
    this.around = around;
    this.eventHeaders = stage.eventHeaders();
  }

  /** Events of visits whose requests were answered with 200, each of which was sent once. */
  static long acknowledged(Answers answers) {
    long events = SMALL_BATCH * answers.count(BATCH, 200, 200);
    for (Kind kind : Kind.values()) {
      events += answers.count(name(kind), 200, 200);
    }
    return events;
  }

  private static String name(Kind kind) {
    return kind.name().toLowerCase(Locale.ROOT);
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
    String name = name(kind);
    return events(
        post(name, kind.path()).headers(eventHeaders).check(stage.answers().expect(name, 200)),
        session -> stage.bodies().event(kind, Visitor.of(session).id()),
        session -> stage.bodies().letter(kind, Visitor.of(session).id()));
  }

  private ChainBuilder batch() {
    return events(
        post(BATCH, "/v1/batch").headers(eventHeaders).check(stage.answers().expect(BATCH, 200)),
        session -> stage.bodies().batch(SMALL_BATCH, Visitor.of(session).id()),
        session -> stage.bodies().letter(SMALL_BATCH, Visitor.of(session).id()));
  }

  /** Who asks other nodes does so with the same events; else no session need keep them. */
  private ChainBuilder events(
      HttpRequestActionBuilder request,
      Function<Session, byte[]> body,
      Function<Session, Letter> kept) {
    return node == null
        ? one(request.body(ByteArrayBody(body)))
        : exec(session -> kept.apply(session).in(session))
            .exec(one(request.body(ByteArrayBody(session -> Letter.of(session).body()))));
  }

  /** A customer nobody has sent an event of yet has no profile: that answer is right too. */
  private ChainBuilder profile() {
    return one(stage.answers().ownProfile("profile", this::base));
  }

  private ChainBuilder routed() {
    return one(
        get(ROUTED, stage.route())
            .header("Authorization", session -> Visitor.of(session).authorization())
            .check(stage.answers().expect(ROUTED, 200)));
  }

  private ChainBuilder one(HttpRequestActionBuilder request) {
    return around.apply(exec(request));
  }

  private HttpRequestActionBuilder post(String name, String path) {
    return node == null ? http(name).post(path) : http(name).post(session -> base(session) + path);
  }

  private HttpRequestActionBuilder get(String name, String path) {
    return node == null ? http(name).get(path) : http(name).get(session -> base(session) + path);
  }

  private String base(Session session) {
    return node == null ? "" : node.apply(session);
  }
}
