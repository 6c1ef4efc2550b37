package io.tidegate.bus;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidegate.proto.cluster.NodeBeat;
import io.tidegate.proto.cluster.NodePlace;
import io.tidegate.proto.cluster.NodeStatus;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

class PeersTest {
  private final KnownPlaces book = new KnownPlaces();
  private final Peers peers = Peers.of("self", book);
  private final List<String> forgotten = new ArrayList<>();

  @Test
  void aNameIsForgottenWithTheLastNodeThatHasIt() {
    peers.onForgotten(forgotten::add);
    heard("node-1-first", "node-1");
    heard("node-1-again", "node-1");
    heard("node-2-first", "node-2");
    peers.joined("no-word-yet");
    peers.forget(peer -> peer.id().equals("node-1-first"));
    assertThat(peers.all()).hasSize(3);
    assertThat(forgotten).as("another node has its name").isEmpty();
    peers.forget(peer -> peer.id().equals("node-1-again"));
    assertThat(forgotten).containsExactly("node-1");
    peers.forget(peer -> true);
    assertThat(forgotten).containsExactlyInAnyOrder("node-1", "node-2", "no-word-yet");
    assertThat(peers.all()).isEmpty();
  }

  @Test
  void whoIsAMemberOrLiveIsKept() {
    peers.onForgotten(forgotten::add);
    peers.joined("member");
    heard("live", "live");
    peers.forget(Peer::forgotten);
    assertThat(forgotten).isEmpty();
    assertThat(peers.all()).hasSize(2);
  }

  @Test
  void whoRefusesAndSpeaksIsSilentUntilItCanBeAsked() {
    heard("n-1", "node-1");
    peers.joined("n-1");
    Contact contact = new Contact(new Doubt());
    Peer peer = Objects.requireNonNull(peers.peer("n-1"));
    contact.refused(peer);
    assertThat(peer.state()).isEqualTo(Peer.State.GONE);
    long beatsLater = System.nanoTime() + Peers.BEAT.multipliedBy(2).toNanos();
    while (System.nanoTime() < beatsLater) {
      LockSupport.parkNanos(beatsLater - System.nanoTime());
    }
    contact.refused(peer);
    assertThat(peer.state()).as("not a word").isEqualTo(Peer.State.GONE);
    heard("n-1", "node-1");
    assertThat(peer.state()).as("it may be a last word").isEqualTo(Peer.State.GONE);
    contact.refused(peer);
    assertThat(peer.state()).isEqualTo(Peer.State.SILENT);
    assertThat(peers.trouble())
        .isEqualTo("nothing gets through to node-1: connections are refused");
    heard("n-1", "node-1");
    assertThat(peer.state()).as("can't be asked").isEqualTo(Peer.State.SILENT);
    peer.failed(null);
    heard("n-1", "node-1");
    assertThat(peer.state()).isEqualTo(Peer.State.LIVE);
  }

  @Test
  void whomAnotherNodeHearsIsKnownHereToo() {
    heard("n-1", "node-1", place("n-2"), place("self"));
    assertThat(book.find("n-2")).isEqualTo(place("n-2"));
    assertThat(Objects.requireNonNull(peers.peer("n-2")).state()).isEqualTo(Peer.State.NEW);
    assertThat(peers.peer("self")).isNull();
    heard("n-2", "node-2");
    assertThat(Objects.requireNonNull(peers.peer("n-2")).state()).isEqualTo(Peer.State.LIVE);
  }

  @Test
  void whatHasGoneIsNotBroughtBackByWhoHasNotNoticed() {
    heard("n-1", "node-1");
    heard("n-2", "node-2");
    Peer gone = Objects.requireNonNull(peers.peer("n-2"));
    new Contact(new Doubt()).refused(gone);
    heard("n-1", "node-1", place("n-2"));
    assertThat(peers.peer("n-2")).isSameAs(gone);
    assertThat(gone.state()).isEqualTo(Peer.State.GONE);
  }

  @Test
  void whoseAddressAnotherHasIsGone() {
    heard("n-1", "node-1");
    peers.joined("n-2-first");
    book.learn(place("n-2-first"));
    assertThat(Objects.requireNonNull(peers.peer("n-2-first")).state()).isEqualTo(Peer.State.NEW);
    peers.heard(NodeBeat.newBuilder().setNodeId("n-2-again").setPlace(place("n-2-again")).build());
    assertThat(Objects.requireNonNull(peers.peer("n-2-first")).state()).isEqualTo(Peer.State.GONE);
    assertThat(Objects.requireNonNull(peers.peer("n-2-again")).state()).isEqualTo(Peer.State.LIVE);
    assertThat(Objects.requireNonNull(peers.peer("n-1")).state()).isEqualTo(Peer.State.LIVE);
  }

  @Test
  void onlyWhoIsHeardAndSaysWhereItIsIsToldOf() {
    heard("n-1", "tells no place");
    peers.heard(NodeBeat.newBuilder().setNodeId("n-2").setPlace(place("n-2")).build());
    peers.heard(
        NodeBeat.newBuilder().setNodeId("n-3").setPlace(place("n-3")).setLeaving(true).build());
    peers.joined("n-4");
    book.learn(place("n-1"));
    book.learn(place("n-4"));
    book.learn(place("self"));
    NodeBeat.Builder beat = NodeBeat.newBuilder();
    new Introductions("self", book).write(beat, peers.all());
    assertThat(beat.getPlace()).isEqualTo(place("self"));
    assertThat(beat.getAcquaintancesList()).containsExactly(place("n-2"));
  }

  private static NodePlace place(String id) {
    int port = 7_700 + id.charAt(2); // of n-2 and n-2-again the same
    return NodePlace.newBuilder().setNodeId(id).setHost("192.0.2.1").setPort(port).build();
  }

  private void heard(String id, String name, NodePlace... acquaintances) {
    peers.heard(
        NodeBeat.newBuilder()
            .setNodeId(id)
            .setStatus(NodeStatus.newBuilder().setName(name))
            .addAllAcquaintances(List.of(acquaintances))
            .build());
  }
}
