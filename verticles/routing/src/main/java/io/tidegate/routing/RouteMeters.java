package io.tidegate.routing;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/**
 * Requests of one route and how long they took, by outcome: rate, errors, duration. A meter is made
 * when first used.
 */
final class RouteMeters {
  /** How a request ended. */
  enum Outcome {
    STATUS_1XX,
    STATUS_2XX,
    STATUS_3XX,
    STATUS_4XX,
    STATUS_5XX,
    /** the route's fallback answered */
    FALLBACK,
    /** no answer of the upstream was passed on whole */
    FAILED,
    /** the client went away */
    CANCELLED;

    static Outcome ofStatus(int status) {
      return switch (status / 100) {
        case 1 -> STATUS_1XX;
        case 2 -> STATUS_2XX;
        case 3 -> STATUS_3XX;
        case 4 -> STATUS_4XX;
        case 5 -> STATUS_5XX;
        default -> FAILED;
      };
    }
  }

  private final MeterRegistry registry;
  private final String route;
  private final Map<Outcome, Timer> timers = new ConcurrentHashMap<>();

  RouteMeters(MeterRegistry registry, String route) {
    this.registry = registry;
    this.route = route;
  }

  void ended(Outcome outcome, long nanos) {
    timers.computeIfAbsent(outcome, this::timer).record(nanos, TimeUnit.NANOSECONDS);
  }

  private Timer timer(Outcome outcome) {
    return Timer.builder("tidegate.routing.requests")
        .description("requests by route and outcome")
        .tag("route", route)
        .tag("outcome", outcome.name().toLowerCase(Locale.ROOT).replace("status_", ""))
        .serviceLevelObjectives(
            Duration.ofMillis(1),
            Duration.ofMillis(5),
            Duration.ofMillis(25),
            Duration.ofMillis(100),
            Duration.ofMillis(500),
            Duration.ofSeconds(2),
            Duration.ofSeconds(5))
        .register(registry);
  }
}
