package io.tidegate.projection;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.function.Supplier;

/** The projection's meters, {@code tidegate.projection.*}. */
final class ProjectionMeters {
  final Counter projected;
  final Counter duplicate;
  final Counter erased;
  final Counter deadLettered;
  final Counter retries;
  final Counter assigned;
  final Counter revoked;
  final Counter lost;
  final Timer batch;
  private final MeterRegistry registry;

  ProjectionMeters(MeterRegistry registry) {
    this.registry = registry;
    projected = events("projected");
    duplicate = events("duplicate");
    erased = events("erased");
    deadLettered = events("dead_lettered");
    retries =
        Counter.builder("tidegate.projection.retries")
            .description("batches dropped and read again")
            .register(registry);
    assigned = moved("assigned");
    revoked = moved("revoked");
    lost = moved("lost");
    batch =
        Timer.builder("tidegate.projection.batch")
            .description("time of a batch's transaction, commit included")
            .publishPercentileHistogram()
            .register(registry);
  }

  private Counter events(String outcome) {
    return Counter.builder("tidegate.projection.events")
        .description("records of the log by what became of them")
        .tag("outcome", outcome)
        .register(registry);
  }

  private Counter moved(String how) {
    return Counter.builder("tidegate.projection.partitions.moved")
        .description("partitions this node got, handed over, or had taken away")
        .tag("how", how)
        .register(registry);
  }

  void partitions(Supplier<Number> owned) {
    Gauge.builder("tidegate.projection.partitions", owned)
        .description("partitions of the log this node owns")
        .register(registry);
  }

  void lag(Supplier<Number> records, Supplier<Number> seconds) {
    Gauge.builder("tidegate.projection.lag", records)
        .description("records of this node's partitions not yet projected")
        .register(registry);
    Gauge.builder("tidegate.projection.lag.seconds", seconds)
        .description("how long this node's partitions are behind")
        .baseUnit("seconds")
        .register(registry);
  }

  void reachable(String dependency, Supplier<Number> up) {
    Gauge.builder("tidegate.projection.reachable", up)
        .description("1 while the dependency answers, else 0")
        .tag("dependency", dependency)
        .register(registry);
  }
}
