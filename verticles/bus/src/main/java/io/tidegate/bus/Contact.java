package io.tidegate.bus;

import io.tidegate.proto.cluster.NodeBeat;
import io.vertx.core.Vertx;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Sends beats to peers, and notes what becomes of them. Confined to one event loop. */
final class Contact {
  private static final Logger log = LoggerFactory.getLogger(Peers.class);

  private static final String REFUSED = "connections are refused";

  private final Doubt doubt;

  Contact(Doubt doubt) {
    this.doubt = doubt;
  }

  void beat(Vertx vertx, Peer peer, NodeBeat.Builder beat) {
    Peers.send(vertx, peer.id(), BusMap.NODE_BEAT, beat.build())
        .onComplete(
            sent -> {
              if (sent.succeeded()) {
                peer.failed(null);
              } else if (!Wire.refused(sent.cause())) {
                failed(peer, String.valueOf(sent.cause().getMessage()));
              } else if (peer.state() != Peer.State.NEW) {
                refused(peer);
              } else if (peer.isUnheard()) {
                // Before that it does not listen yet.
                failed(peer, REFUSED);
              }
            });
  }

  /** It may be the network's doing, and silence will tell. */
  private static void failed(Peer peer, String why) {
    if (peer.state() != Peer.State.GONE && peer.failed(why)) {
      log.atWarn()
          .addKeyValue("peer", peer.name())
          .addKeyValue("reason", why)
          .log("nothing gets through to a node");
    }
  }

  /** Nobody listens there any more. */
  void refused(Peer peer) {
    Peer.State becomes = peer.refused();
    if (becomes == Peer.State.GONE) {
      lost(peer, becomes, "its process has ended");
    } else {
      peer.failed(REFUSED);
      lost(peer, becomes, "it refuses connections, but is heard");
    }
  }

  void lost(Peer peer, Peer.State becomes, String why) {
    if (peer.lost(becomes)) {
      doubt.nodeLost();
      log.atWarn().addKeyValue("peer", peer.name()).addKeyValue("reason", why).log("a node is out");
    }
  }
}
