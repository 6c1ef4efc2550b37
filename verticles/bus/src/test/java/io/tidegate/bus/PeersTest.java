package io.tidegate.bus;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidegate.proto.cluster.NodeBeat;
import io.tidegate.proto.cluster.NodeStatus;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class PeersTest {
  private final Peers peers = Peers.of("self");
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

  private void heard(String id, String name) {
    peers.heard(
        NodeBeat.newBuilder()
            .setNodeId(id)
            .setStatus(NodeStatus.newBuilder().setName(name))
            .build());
  }
}
