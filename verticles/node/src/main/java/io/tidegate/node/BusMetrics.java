package io.tidegate.node;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.tidegate.bus.Bus;
import io.tidegate.bus.BusMap;
import io.tidegate.bus.Channel.Call;
import io.tidegate.bus.Failure;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Rate, errors and durations of the bus's calls, by channel; calls under way. */
final class BusMetrics implements Bus.CallObserver {
  private final Map<Call<?, ?>, Timer> durations = new HashMap<>();
  private final Map<String, Counter> failures = new ConcurrentHashMap<>();
  private final MeterRegistry meters;

  BusMetrics(MeterRegistry meters) {
    this.meters = meters;
    BusMap.CHANNELS.forEach(
        channel -> {
          if (channel instanceof Call<?, ?> call) {
            durations.put(
                call,
                Timer.builder("tidegate.bus.calls")
                    .description("calls over the bus, asked to answered or failed")
                    .tag("channel", call.address())
                    .register(meters));
          }
        });
  }

  /** Adds the gauges, which need the bus itself. */
  void watch(Bus bus) {
    for (Call<?, ?> call : durations.keySet()) {
      Gauge.builder("tidegate.bus.in.flight", bus, watched -> watched.inFlight(call))
          .description("calls of this node under way")
          .tag("channel", call.address())
          .register(meters);
    }
  }

  @Override
  public void ended(Call<?, ?> channel, long nanos, @Nullable Failure failure) {
    Timer duration = durations.get(channel);
    if (duration != null) {
      duration.record(nanos, TimeUnit.NANOSECONDS);
    }
    if (failure != null) {
      failures
          .computeIfAbsent(channel.address() + ' ' + failure, key -> counter(channel, failure))
          .increment();
    }
  }

  private Counter counter(Call<?, ?> channel, Failure failure) {
    return Counter.builder("tidegate.bus.failures")
        .description("calls over the bus that failed, by the failure's name")
        .tag("channel", channel.address())
        .tag("failure", failure.name())
        .register(meters);
  }
}
