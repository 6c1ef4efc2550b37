package io.tidegate.bus;

import com.google.protobuf.Message;
import io.tidegate.bus.Channel.Event;
import io.vertx.core.Vertx;

/** Events from node to node. Safe from any thread. */
final class News {
  private final Vertx vertx;
  private final Peers peers;

  News(Vertx vertx, Peers peers) {
    this.vertx = vertx;
    this.peers = peers;
  }

  /** What other nodes tell this one goes to whoever listens here. */
  <M extends Message> void relay(Event<M> channel) {
    if (peers.isAlone() || channel.equals(BusMap.NODE_BEAT)) {
      return;
    }
    vertx
        .eventBus()
        .<M>consumer(
            Peers.at(channel, peers.self()), message -> publishHere(channel, message.body()));
  }

  <M extends Message> void publish(Event<M> channel, M message) {
    publishHere(channel, message);
    for (Peer peer : peers.all()) {
      // To silent ones too: they may be listening.
      if (peer.state() == Peer.State.LIVE || peer.state() == Peer.State.SILENT) {
        Peers.send(vertx, peer.id(), channel, message);
      }
    }
  }

  private <M extends Message> void publishHere(Event<M> channel, M message) {
    vertx
        .eventBus()
        .publish(channel.address(), message, Bus.options(message, Trace.NONE).setLocalOnly(true));
  }
}
