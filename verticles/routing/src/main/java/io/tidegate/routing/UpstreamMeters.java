package io.tidegate.routing;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.tidegate.bus.Failure;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/** What is counted of one upstream and watched of its endpoints. */
final class UpstreamMeters {
  private static final List<Failure> KINDS =
      List.of(
          Failure.UPSTREAM_REFUSED,
          Failure.UPSTREAM_TIMEOUT,
          Failure.UPSTREAM_FAILED,
          Failure.BREAKER_OPEN,
          Failure.NO_ENDPOINT,
          Failure.OVERLOADED);

  private final MeterRegistry registry;
  private final String upstream;
  private final Counter attempts;
  private final Counter retries;
  private final Counter retriesRefused;
  private final Map<Failure, Counter> failures = new EnumMap<>(Failure.class);
  private final Map<Endpoint, List<Meter>> gauges = new HashMap<>();

  UpstreamMeters(MeterRegistry registry, String upstream) {
    this.registry = registry;
    this.upstream = upstream;
    this.attempts =
        counter("tidegate.routing.attempts", "requests sent to the upstream, retries included");
    this.retries =
        counter(
            "tidegate.routing.retries",
            "requests sent once more, to another endpoint if there is one");
    this.retriesRefused =
        counter("tidegate.routing.retries.refused", "retries that were beyond the budget");
    for (Failure kind : KINDS) {
      failures.put(
          kind,
          Counter.builder("tidegate.routing.failures")
              .description("attempts that failed before an answer, by kind")
              .tag("upstream", upstream)
              .tag("kind", kind.name().toLowerCase(Locale.ROOT).replace('_', '-'))
              .register(registry));
    }
  }

  private Counter counter(String name, String description) {
    return Counter.builder(name)
        .description(description)
        .tag("upstream", upstream)
        .register(registry);
  }

  void attempt() {
    attempts.increment();
  }

  void retry() {
    retries.increment();
  }

  void retryRefused() {
    retriesRefused.increment();
  }

  void failed(Failure kind) {
    Counter counter = failures.get(kind);
    if (counter != null) {
      counter.increment();
    }
  }

  /** Watches exactly these endpoints from now on, and the connections to them. */
  synchronized void watch(List<Endpoint> endpoints, Connections connections) {
    List<Endpoint> gone = new ArrayList<>(gauges.keySet());
    gone.removeAll(endpoints);
    for (Endpoint endpoint : gone) {
      gauges.getOrDefault(endpoint, List.of()).forEach(registry::remove);
      gauges.remove(endpoint);
    }
    for (Endpoint endpoint : endpoints) {
      gauges.computeIfAbsent(
          endpoint,
          added ->
              List.of(
                  gauge(
                      "tidegate.routing.in.flight",
                      "requests under way at the endpoint, waiting for a connection included",
                      added,
                      Endpoint::inFlight),
                  gauge(
                      "tidegate.routing.connections",
                      "connections to the endpoint, those being opened included",
                      added,
                      connections::open),
                  gauge(
                      "tidegate.routing.waiting",
                      "requests that wait for a connection to the endpoint",
                      added,
                      connections::waiting),
                  gauge(
                      "tidegate.routing.breaker",
                      "0 closed, 1 open, 2 half open",
                      added,
                      e -> level(e.breaker().state())),
                  gauge(
                      "tidegate.routing.healthy",
                      "what the health check found last; 1 without one",
                      added,
                      e -> e.healthy() ? 1 : 0)));
    }
  }

  private Meter gauge(
      String name, String description, Endpoint endpoint, ToDoubleFunction<Endpoint> value) {
    return Gauge.builder(name, endpoint, value)
        .description(description)
        .tag("upstream", upstream)
        .tag("endpoint", endpoint.url())
        .register(registry);
  }

  private static int level(Breaker.State state) {
    return switch (state) {
      case CLOSED -> 0;
      case OPEN -> 1;
      case HALF_OPEN -> 2;
    };
  }
}
