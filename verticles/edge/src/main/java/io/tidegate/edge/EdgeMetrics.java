package io.tidegate.edge;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.tidegate.bus.Failure;
import java.time.Duration;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Rate, errors and duration of the front door's operations. One an event loop, used only there;
 * meters are made at the first use of a status and shared by all loops.
 */
final class EdgeMetrics {
  private final MeterRegistry registry;
  private final Map<Kind, Timer[]> requests = new HashMap<>();
  private final Counter unexpected;
  private final Map<Failure, Counter> authFailures = new EnumMap<>(Failure.class);

  private record Kind(String operation, String route) {}

  EdgeMetrics(MeterRegistry registry) {
    this.registry = registry;
    this.unexpected =
        Counter.builder("tidegate.edge.unexpected")
            .description("failures of the gateway itself; the log has each with its request id")
            .register(registry);
  }

  /**
   * One request done.
   *
   * @param route the route's name; {@code none} for the gateway's own operations
   * @param status the HTTP status; of a gRPC call, the one that stands for its gRPC status
   */
  void done(String operation, String route, int status, long nanos) {
    Timer[] byStatus = requests.computeIfAbsent(new Kind(operation, route), kind -> new Timer[600]);
    int at = status >= 0 && status < byStatus.length ? status : 0;
    Timer timer = byStatus[at];
    if (timer == null) {
      timer =
          Timer.builder("tidegate.edge.requests")
              .description("requests by operation and status, from head to the end of the answer")
              .tag("operation", operation)
              .tag("route", route)
              .tag("status", Integer.toString(at))
              .serviceLevelObjectives(
                  Duration.ofMillis(1),
                  Duration.ofMillis(5),
                  Duration.ofMillis(25),
                  Duration.ofMillis(100),
                  Duration.ofMillis(500),
                  Duration.ofSeconds(2),
                  Duration.ofSeconds(5))
              .register(registry);
      byStatus[at] = timer;
    }
    timer.record(nanos, TimeUnit.NANOSECONDS);
  }

  /** Something that should not happen did. */
  void unexpected() {
    unexpected.increment();
  }

  /** A caller was not who it had to be. */
  void authFailed(Failure reason) {
    authFailures
        .computeIfAbsent(
            reason,
            r ->
                Counter.builder("tidegate.edge.auth.failures")
                    .description("requests refused for who sent them")
                    .tag("reason", Problems.slug(r))
                    .register(registry))
        .increment();
  }
}
