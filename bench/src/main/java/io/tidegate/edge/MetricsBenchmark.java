package io.tidegate.edge;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Timer;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Threads;

/** What one routed request records: two timers with buckets and two counters. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class MetricsBenchmark {
  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final Timer plain = registry.timer("bench.plain");
  private final Counter attempts = registry.counter("bench.attempts");
  private final Counter admitted = registry.counter("bench.admitted");

  /** An event loop's own, over meters that all loops share. */
  @State(Scope.Thread)
  public static class Loop {
    private EdgeMetrics edge =
        new EdgeMetrics(new PrometheusMeterRegistry(PrometheusConfig.DEFAULT));
    private long nanos;

    /** The benchmark's meters. */
    @Setup
    public void share(MetricsBenchmark all) {
      edge = new EdgeMetrics(all.registry);
    }

    private long nanos() {
      nanos = (nanos + 7_919) & 0xfffff;
      return nanos;
    }
  }

  /** All of a routed request. */
  @Benchmark
  public void routed(Loop loop) {
    all(loop);
  }

  /** The same on two event loops at once. */
  @Benchmark
  @Threads(2)
  public void routedByTwo(Loop loop) {
    all(loop);
  }

  private void all(Loop loop) {
    long nanos = loop.nanos();
    admitted.increment();
    attempts.increment();
    // The route's own timer has the same buckets.
    loop.edge.done("routing", "routed", 200, nanos);
    loop.edge.done("routed", "routed", 200, nanos);
  }

  /** A timer without buckets. */
  @Benchmark
  public void plainTimer(Loop loop) {
    plain.record(loop.nanos(), TimeUnit.NANOSECONDS);
  }
}
