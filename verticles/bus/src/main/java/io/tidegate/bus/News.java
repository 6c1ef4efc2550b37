package io.tidegate.bus;

import com.google.protobuf.Message;
import io.tidegate.bus.Channel.Event;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.DeliveryOptions;

/** Events from node to node, numbered by each, so that a loss is noticed. Safe from any thread. */
final class News {
  private static final String FROM = "from";
  private static final String NUMBER = "number";

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
            Peers.at(channel, peers.self()),
            message -> {
              publishHere(channel, message.body());
              String number = message.headers().get(NUMBER);
              if (number != null) {
                peers.arrived(message.headers().get(FROM), Long.parseLong(number));
              }
            });
  }

  <M extends Message> void publish(Event<M> channel, M message) {
    publishHere(channel, message);
    if (peers.isAlone()) {
      return;
    }
    DeliveryOptions options =
        Wire.options(message, Trace.NONE)
            .addHeader(FROM, peers.self())
            .addHeader(NUMBER, Long.toString(peers.tellsNext()));
    for (Peer peer : peers.all()) {
      // To silent ones too: they may be listening.
      if (peer.state() == Peer.State.LIVE || peer.state() == Peer.State.SILENT) {
        vertx.eventBus().sender(Peers.at(channel, peer.id()), options).write(message);
      }
    }
  }

  private <M extends Message> void publishHere(Event<M> channel, M message) {
    vertx
        .eventBus()
        .publish(channel.address(), message, Wire.options(message, Trace.NONE).setLocalOnly(true));
  }
}
