package io.tidegate.bus;

import io.tidegate.proto.cluster.NodeStatus;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/**
 * A node as this one sees it.
 *
 * @param state {@code self}, {@code live}, {@code leaving}, {@code silent}, {@code gone}, or {@code
 *     new}: known to the cluster or to another node, not heard of yet
 * @param silentMs since its last beat
 */
public record NodeView(String id, String state, long silentMs, int underWay, NodeStatus status) {
  static NodeView of(Peer peer) {
    String state =
        peer.answers() || peer.state() != Peer.State.LIVE
            ? peer.state().name().toLowerCase(Locale.ROOT)
            : "leaving";
    return new NodeView(
        peer.id(),
        state,
        TimeUnit.NANOSECONDS.toMillis(peer.silentFor()),
        peer.underWay(),
        peer.status());
  }
}
