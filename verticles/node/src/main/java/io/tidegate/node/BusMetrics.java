package io.tidegate.node;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.tidegate.bus.Bus;
import io.tidegate.bus.BusMap;
import io.tidegate.bus.CallObserver;
import io.tidegate.bus.Channel;
import io.tidegate.bus.Channel.Call;
import io.tidegate.bus.Failure;
import io.tidegate.bus.Peers;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Rate, errors and durations of the bus's calls, by channel; calls under way. */
final class BusMetrics implements CallObserver {
  private static final String FAILURES =
      "calls over the bus that failed, by the node that was asked and the failure's name";
  private static final String FAILOVERS =
      "calls that a second node was asked, by the node that could not answer and why";

  /** By channel and node, each a map of its own: a call looks them up without making a key. */
  private final Map<String, Map<String, Timer>> durations = new ConcurrentHashMap<>();

  private final Map<String, Counter> counters = new ConcurrentHashMap<>();
  private final MeterRegistry meters;

  BusMetrics(MeterRegistry meters) {
    this.meters = meters;
  }

  /** Adds the gauges, which need the bus itself. */
  void watch(Bus bus) {
    for (Channel channel : BusMap.CHANNELS) {
      if (channel instanceof Call<?, ?> call) {
        Gauge.builder("tidegate.bus.in.flight", bus, watched -> watched.inFlight(call))
            .description("calls of this node under way")
            .tag("channel", call.address())
            .register(meters);
      }
    }
  }

  /** Adds the gauges of the cluster. */
  void watch(Peers peers) {
    Gauge.builder("tidegate.cluster.nodes", peers, Peers::live)
        .description("nodes heard of lately, this one included")
        .tag("state", "live")
        .register(meters);
    Gauge.builder("tidegate.cluster.nodes", peers, Peers::silent)
        .description("nodes heard of lately, this one included")
        .tag("state", "silent")
        .register(meters);
  }

  @Override
  public void ended(Call<?, ?> channel, String node, long nanos, @Nullable Failure failure) {
    durations
        .computeIfAbsent(channel.address(), address -> new ConcurrentHashMap<>())
        .computeIfAbsent(node, name -> timer(channel, name))
        .record(nanos, TimeUnit.NANOSECONDS);
    if (failure != null) {
      counters
          .computeIfAbsent(
              channel.address() + ' ' + node + ' ' + failure,
              key -> counter("tidegate.bus.failures", FAILURES, channel, node, failure))
          .increment();
    }
  }

  @Override
  public void failedOver(Call<?, ?> channel, String from, Failure failure) {
    counters
        .computeIfAbsent(
            channel.address() + " from " + from + ' ' + failure,
            key -> counter("tidegate.bus.failovers", FAILOVERS, channel, from, failure))
        .increment();
  }

  @Override
  public void failOverRefused(Call<?, ?> channel) {
    counters
        .computeIfAbsent(
            channel.address() + " refused",
            key ->
                Counter.builder("tidegate.bus.failovers.refused")
                    .description(
                        "late calls that no second node was asked, since too many are late")
                    .tag("channel", channel.address())
                    .register(meters))
        .increment();
  }

  private Timer timer(Call<?, ?> channel, String node) {
    return Timer.builder("tidegate.bus.calls")
        .description("calls over the bus, asked to answered or failed, by the node that was asked")
        .tag("channel", channel.address())
        .tag("node", node)
        .register(meters);
  }

  private Counter counter(
      String name, String description, Call<?, ?> channel, String node, Failure failure) {
    return Counter.builder(name)
        .description(description)
        .tag("channel", channel.address())
        .tag("node", node)
        .tag("failure", failure.name())
        .register(meters);
  }
}
