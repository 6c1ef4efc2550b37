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

/** Rate, errors and durations of the bus's calls, by channel and node; calls under way. */
final class BusMetrics implements CallObserver {
  private static final String FAILURES =
      "calls over the bus that failed, by the node that was asked and the failure's name";
  private static final String FAILOVERS =
      "calls that a second node was asked, by the node that could not answer and why";

  /** One node's meters. By channel first: a call looks its timer up without making a key. */
  private static final class OfNode {
    private final Map<String, Timer> durations = new ConcurrentHashMap<>();
    private final Map<String, Counter> counters = new ConcurrentHashMap<>();

    void removeFrom(MeterRegistry meters) {
      durations.values().forEach(meters::remove);
      counters.values().forEach(meters::remove);
    }
  }

  private final Map<String, OfNode> nodes = new ConcurrentHashMap<>();
  private final Map<String, Counter> refused = new ConcurrentHashMap<>();
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

  /** Adds the gauges of the cluster, and forgets whom it forgets. */
  void watch(Peers peers) {
    Gauge.builder("tidegate.cluster.nodes", peers, Peers::live)
        .description("nodes heard of lately, this one included")
        .tag("state", "live")
        .register(meters);
    Gauge.builder("tidegate.cluster.nodes", peers, Peers::silent)
        .description("nodes heard of lately, this one included")
        .tag("state", "silent")
        .register(meters);
    peers.onForgotten(this::forget);
  }

  /** A node that is known no more has no meters: names may come and go without end. */
  void forget(String node) {
    OfNode gone = nodes.remove(node);
    if (gone != null) {
      gone.removeFrom(meters);
    }
  }

  @Override
  public void ended(Call<?, ?> channel, String node, long nanos, @Nullable Failure failure) {
    OfNode asked = of(node);
    asked
        .durations
        .computeIfAbsent(channel.address(), address -> timer(channel, node))
        .record(nanos, TimeUnit.NANOSECONDS);
    if (failure != null) {
      asked
          .counters
          .computeIfAbsent(
              channel.address() + ' ' + failure,
              key -> counter("tidegate.bus.failures", FAILURES, channel, node, failure))
          .increment();
    }
  }

  @Override
  public void failedOver(Call<?, ?> channel, String from, Failure failure) {
    of(from)
        .counters
        .computeIfAbsent(
            channel.address() + " over " + failure,
            key -> counter("tidegate.bus.failovers", FAILOVERS, channel, from, failure))
        .increment();
  }

  @Override
  public void failOverRefused(Call<?, ?> channel) {
    refused
        .computeIfAbsent(
            channel.address(),
            address ->
                Counter.builder("tidegate.bus.failovers.refused")
                    .description(
                        "late calls that no second node was asked, since too many are late")
                    .tag("channel", address)
                    .register(meters))
        .increment();
  }

  private OfNode of(String node) {
    OfNode known = nodes.get(node);
    return known == null ? nodes.computeIfAbsent(node, name -> new OfNode()) : known;
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
