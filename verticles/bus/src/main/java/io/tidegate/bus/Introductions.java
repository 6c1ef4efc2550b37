package io.tidegate.bus;

import io.tidegate.proto.cluster.NodeBeat;
import io.tidegate.proto.cluster.NodePlace;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What beats tell of where nodes are: a sender of its own place and of those whom it hears. So
 * whoever is known to one node gets to know all, also while the cluster's members are divided.
 */
final class Introductions {
  private final String self;
  private final AddressBook book;

  Introductions(String self, AddressBook book) {
    this.self = self;
    this.book = book;
  }

  /** Adds them to a beat of this node's. */
  void write(NodeBeat.Builder beat, Collection<Peer> peers) {
    NodePlace own = book.find(self);
    if (own != null) {
      beat.setPlace(own);
    }
    for (Peer peer : peers) {
      // After a pause of one's own all seem live, also those that are not; and who tells no place
      // can't be told of one.
      boolean heard = peer.answers() && peer.placed() && peer.prompt(Peers.SILENT_AFTER);
      NodePlace known = heard ? book.find(peer.id()) : null;
      if (known != null) {
        beat.addAcquaintances(known);
      }
    }
  }

  /** Takes up the places that another node's beat tells. */
  void read(NodeBeat beat) {
    if (tellsItsPlace(beat)) {
      book.learn(beat.getPlace());
    }
    for (NodePlace place : beat.getAcquaintancesList()) {
      if (!place.getNodeId().equals(self)) {
        book.learn(place);
      }
    }
  }

  /** Those who were where a beat's sender is now, and so are no more. */
  List<Peer> replaced(NodeBeat beat, Collection<Peer> peers) {
    if (!tellsItsPlace(beat)) {
      return List.of();
    }
    NodePlace here = beat.getPlace();
    return peers.stream()
        .filter(peer -> peer.state() == Peer.State.NEW || peer.state() == Peer.State.SILENT)
        .filter(peer -> !peer.id().equals(beat.getNodeId()))
        .filter(peer -> isAt(here, book.find(peer.id())))
        .toList();
  }

  private static boolean isAt(NodePlace here, @Nullable NodePlace there) {
    return there != null
        && there.getPort() == here.getPort()
        && there.getHost().equals(here.getHost());
  }

  private static boolean tellsItsPlace(NodeBeat beat) {
    return beat.hasPlace() && beat.getPlace().getNodeId().equals(beat.getNodeId());
  }
}
