package io.tidegate.load;

import static io.gatling.javaapi.core.CoreDsl.ByteArrayBody;
import static io.gatling.javaapi.core.CoreDsl.exec;
import static io.gatling.javaapi.core.CoreDsl.exitHereIfFailed;
import static io.gatling.javaapi.core.CoreDsl.global;
import static io.gatling.javaapi.core.CoreDsl.pause;
import static io.gatling.javaapi.core.CoreDsl.scenario;
import static io.gatling.javaapi.http.HttpDsl.http;

import io.gatling.javaapi.core.ChainBuilder;
import io.gatling.javaapi.core.Session;
import io.gatling.javaapi.core.Simulation;
import io.gatling.javaapi.http.HttpRequestActionBuilder;
import io.tidegate.load.Customers.Visitor;
import io.tidegate.load.EventBodies.Kind;
import java.time.Duration;
import java.util.Locale;

/**
 * Sessions of a mini-program in a phone: sign in with a token of its own, look around, read the own
 * profile, call the shop, buy; with time to think, a connection of one's own, and a network that
 * drops it. What got no answer is sent again with the same message id.
 */
public final class MiniProgram extends Simulation {
  /** Steps of a session; retries come beside. */
  static final int STEPS = 9;

  static final String PROFILE = "profile";

  private static final int TRIES = 6;
  private static final Duration FIRST_PAUSE = Duration.ofMillis(100);
  private static final Duration LEAST_THINKING = Duration.ofMillis(200);
  private static final Duration MOST_THINKING = Duration.ofMillis(1_500);
  private static final String BODY = "body";

  private final Stage stage = Stage.current();

  /** Made by Gatling. */
  public MiniProgram() {
    ChainBuilder think = pause(LEAST_THINKING, MOST_THINKING);
    setUp(
            scenario("mini-program")
                .exec(this::arrive)
                .exec(
                    event("sign in", Kind.IDENTIFY),
                    event(Kind.SCREEN),
                    think,
                    event(Kind.VIEW),
                    profile(),
                    think,
                    event(Kind.VIEW),
                    routed(),
                    think,
                    event(Kind.CART),
                    routed(),
                    think,
                    event(Kind.PURCHASE))
                .exec(
                    session -> {
                      stage.sessions().complete();
                      return session;
                    })
                .injectOpen(stage.arrivals()))
        .protocols(stage.ownConnections())
        .assertions(
            // Connections that were cut; more would mean that somebody else fails too.
            global().failedRequests().percent().lte(15.0),
            global().responseTime().percentile3().lte(stage.p99()));
  }

  private Session arrive(Session session) {
    stage.clock().arrived(System.nanoTime());
    return stage.customers().signsIn().in(session);
  }

  private ChainBuilder event(Kind kind) {
    return event(kind.name().toLowerCase(Locale.ROOT), kind);
  }

  private ChainBuilder event(String name, Kind kind) {
    return exec(session -> session.set(BODY, stage.bodies().event(kind, Visitor.of(session).id())))
        .exec(
            step(
                http(name)
                    .post(kind.path())
                    .headers(stage.eventHeaders())
                    .body(ByteArrayBody(MiniProgram::body))
                    .check(stage.answers().expect(name, 200))));
  }

  private static byte[] body(Session session) {
    byte[] body = session.get(BODY);
    return body == null ? new byte[0] : body;
  }

  private ChainBuilder profile() {
    return step(stage.answers().ownProfile(PROFILE, session -> ""));
  }

  private ChainBuilder routed() {
    return step(
        http("routed")
            .get(stage.route())
            .header("Authorization", session -> Visitor.of(session).authorization())
            .check(stage.answers().expect("routed", 200)));
  }

  private ChainBuilder step(HttpRequestActionBuilder request) {
    return Retries.around(exec(request), TRIES, FIRST_PAUSE)
        .exec(
            session -> {
              if (session.isFailed()) {
                stage.sessions().giveUp();
              }
              return session;
            })
        .exec(exitHereIfFailed());
  }
}
