package io.tidegate.ingestion;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.MeterRegistry;
import io.tidegate.bus.FailureException;

/** What became of events at the near side: {@code tidegate.ingestion.events} by outcome. */
final class IntakeMeters {
  private final Counter accepted;
  private final Counter invalid;
  private final Counter overloaded;
  private final Counter unavailable;
  private final DistributionSummary appendEvents;

  IntakeMeters(MeterRegistry meters) {
    accepted = outcome(meters, "accepted");
    invalid = outcome(meters, "invalid");
    overloaded = outcome(meters, "overloaded");
    unavailable = outcome(meters, "unavailable");
    appendEvents =
        DistributionSummary.builder("tidegate.ingestion.append.events")
            .description("events gathered into one call over the bus")
            .register(meters);
  }

  private static Counter outcome(MeterRegistry meters, String outcome) {
    return Counter.builder("tidegate.ingestion.events")
        .description("events by what became of them; a body that can't be read counts as one")
        .tag("outcome", outcome)
        .register(meters);
  }

  void accepted(int events) {
    accepted.increment(events);
  }

  void appending(int events) {
    appendEvents.record(events);
  }

  void refused(FailureException failure, int events) {
    Counter counter =
        switch (failure.failure().blame()) {
          case CALLER -> invalid;
          case OVERLOAD -> overloaded;
          case DEPENDENCY, INTERNAL -> unavailable;
        };
    counter.increment(events);
  }
}
