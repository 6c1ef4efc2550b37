package io.tidegate.bus;

import io.tidegate.proto.cluster.NodeBeat;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/**
 * How many nodes are alive, by their beats over the bus: what a node's share of a limit is reckoned
 * by when it has to grant on its own.
 */
public final class Peers extends VerticleBase {
  private static final long BEAT_MS = 1_000;
  private static final long GONE_AFTER_NS = TimeUnit.MILLISECONDS.toNanos(3_500);

  private final Bus bus;
  private final String nodeId = UUID.randomUUID().toString();
  private final Map<String, Long> lastHeard = new ConcurrentHashMap<>();

  public Peers(Bus bus) {
    this.bus = bus;
  }

  @Override
  public Future<?> start() {
    vertx.setPeriodic(0, BEAT_MS, timer -> beat());
    return bus.subscribe(
        BusMap.NODE_BEAT, beat -> lastHeard.put(beat.getNodeId(), System.nanoTime()));
  }

  private void beat() {
    long now = System.nanoTime();
    lastHeard.values().removeIf(heard -> now - heard > GONE_AFTER_NS);
    bus.publish(BusMap.NODE_BEAT, NodeBeat.newBuilder().setNodeId(nodeId).build());
  }

  /** Nodes alive, this one included; at least 1. */
  public int live() {
    return Math.max(1, lastHeard.size());
  }

  /** Nodes alive that may host a role, this one included: all, as long as beats don't tell. */
  public int live(String role) {
    return live();
  }

  /** Whether another node says that it reaches what a role depends on; beats don't tell yet. */
  public boolean able(String role) {
    return false;
  }

  /**
   * Whether another node may be reaching what a role depends on, for all this one knows: unless it
   * says that it does not, or is known to be dead.
   */
  public boolean mayBeAble(String role) {
    return live() > 1;
  }
}
