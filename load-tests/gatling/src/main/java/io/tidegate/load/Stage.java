package io.tidegate.load;

import static io.gatling.javaapi.core.CoreDsl.rampUsersPerSec;
import static io.gatling.javaapi.http.HttpDsl.http;

import io.gatling.javaapi.core.OpenInjectionStep;
import io.gatling.javaapi.http.HttpProtocolBuilder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * What a run's simulation plays with. Gatling makes simulations by name and without arguments, so
 * the command leaves this where the simulation finds it.
 *
 * @param urls the gateway's nodes, asked in turn
 * @param sources addresses of this machine to connect from; none for any
 * @param batch events a batch
 * @param route the path of routed calls
 * @param p99 milliseconds that 99 of 100 answers may take
 * @param sent the books of simulations that keep them by event
 */
record Stage(
    List<String> urls,
    List<String> sources,
    String writeKey,
    int batch,
    String route,
    int p99,
    ArrivalPlan plan,
    ArrivalClock clock,
    Answers answers,
    Customers customers,
    EventBodies bodies,
    Sessions sessions,
    SentEvents sent) {
  private static final AtomicReference<@Nullable Stage> CURRENT = new AtomicReference<>();

  /** Runs are one after the other in a process. */
  static void set(Stage stage) {
    CURRENT.set(stage);
  }

  static Stage current() {
    Stage stage = CURRENT.get();
    if (stage == null) {
      throw new IllegalStateException("simulations are run by the command only");
    }
    return stage;
  }

  /** The same on other addresses of the same nodes. */
  Stage over(List<String> addresses) {
    return new Stage(
        addresses, sources, writeKey, batch, route, p99, plan, clock, answers, customers, bodies,
        sessions, sent);
  }

  /** Connections are shared, as a sales day's many clients share a load balancer's. */
  HttpProtocolBuilder protocol() {
    return ownConnections().shareConnections();
  }

  /** Every user has connections of the own, which end with the user. */
  HttpProtocolBuilder ownConnections() {
    HttpProtocolBuilder protocol =
        http.baseUrls(urls)
            .disableWarmUp()
            .disableCaching()
            .disableFollowRedirect()
            .disableAutoReferer()
            .disableAutoOrigin()
            .disableUrlEncoding();
    return sources.isEmpty() ? protocol : protocol.localAddresses(sources);
  }

  /** The open loop. */
  OpenInjectionStep[] arrivals() {
    return arrivals(1);
  }

  /** The open loop, so many times as dense. */
  OpenInjectionStep[] arrivals(double density) {
    return plan.ramps().stream()
        .map(
            ramp ->
                rampUsersPerSec(ramp.from() * density)
                    .to(ramp.to() * density)
                    .during(ramp.duration()))
        .toArray(OpenInjectionStep[]::new);
  }

  /** Headers of requests that bring events. */
  Map<String, String> eventHeaders() {
    String credentials = writeKey + ":";
    return Map.of(
        "Content-Type",
        "application/json",
        "Authorization",
        "Basic "
            + Base64.getEncoder().encodeToString(credentials.getBytes(StandardCharsets.UTF_8)));
  }
}
