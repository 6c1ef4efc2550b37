package io.tidegate.edge;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.tidegate.platform.Heap;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What the node's front door has under way, counted over all its event loops, and whether it is
 * about to stop.
 */
public final class EdgeLoad {
  /** Bodies may take so much of the heap unless configured: one part in. */
  private static final int HEAP_PARTS = 8;

  private static final int HEAP_FOR_CONNECTION = 24 << 10;
  private static final int MOST = 20_000;

  private final int maxInFlight;
  private final int maxConnections;
  private final Counter connectionsRefused;
  private final AtomicInteger inFlight = new AtomicInteger();
  private final AtomicInteger connections = new AtomicInteger();
  private final long maxBodyMemory;
  private final AtomicLong bodyMemory = new AtomicLong();
  private final FaultLog faults = new FaultLog(System::nanoTime);
  private final List<Runnable> onDrain = new CopyOnWriteArrayList<>();
  private volatile boolean draining;

  public EdgeLoad(EdgeConfig config, MeterRegistry registry) {
    this.maxInFlight = config.maxInFlight();
    this.maxConnections =
        config.maxConnections().orElse(Math.clamp(Heap.part(HEAP_FOR_CONNECTION), 1, MOST));
    this.maxBodyMemory = Heap.share(config.maxBodyMemory(), HEAP_PARTS);
    Gauge.builder("tidegate.edge.in.flight", inFlight, AtomicInteger::get)
        .description("requests under way")
        .register(registry);
    Gauge.builder("tidegate.edge.connections", connections, AtomicInteger::get)
        .description("connections open")
        .register(registry);
    Gauge.builder("tidegate.edge.body.memory", bodyMemory, AtomicLong::get)
        .description("bytes of request bodies held, unzipped ones included")
        .baseUnit("bytes")
        .register(registry);
    connectionsRefused =
        Counter.builder("tidegate.edge.connections.refused")
            .description("connections closed at once, since there were too many")
            .register(registry);
  }

  /**
   * From now on clients are asked to use another connection: over HTTP/1.1 by {@code Connection:
   * close} on the next answer, over HTTP/2 by a GOAWAY that lets through what they are sending.
   * Requests are served as before; undeploying the edge does the rest. From any thread.
   */
  public void startDraining() {
    draining = true;
    onDrain.forEach(Runnable::run);
  }

  /** Something to do when the drain starts, on whatever thread starts it. */
  void onDrain(Runnable what) {
    onDrain.add(what);
  }

  public boolean draining() {
    return draining;
  }

  /** Requests under way. */
  public int inFlight() {
    return inFlight.get();
  }

  /** Connections open. */
  public int connections() {
    return connections.get();
  }

  /** Bytes of bodies held. */
  public long bodyMemory() {
    return bodyMemory.get();
  }

  long maxBodyMemory() {
    return maxBodyMemory;
  }

  /** Takes bytes for a body; false when there are too many, and then they must not be let go. */
  boolean hold(long bytes) {
    if (bodyMemory.addAndGet(bytes) > maxBodyMemory) {
      bodyMemory.addAndGet(-bytes);
      return false;
    }
    return true;
  }

  void letGo(long bytes) {
    bodyMemory.addAndGet(-bytes);
  }

  FaultLog faults() {
    return faults;
  }

  /** Counts a request in; false when there are too many, and then it must not be counted out. */
  boolean enter() {
    if (inFlight.incrementAndGet() > maxInFlight) {
      inFlight.decrementAndGet();
      return false;
    }
    return true;
  }

  void leave() {
    inFlight.decrementAndGet();
  }

  int maxConnections() {
    return maxConnections;
  }

  /** Counts a connection in; false when there are too many, and then it must not be counted out. */
  boolean connect() {
    if (connections.incrementAndGet() > maxConnections) {
      connections.decrementAndGet();
      connectionsRefused.increment();
      return false;
    }
    return true;
  }

  void disconnect() {
    connections.decrementAndGet();
  }
}
