package io.tidegate.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Vertx;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetServer;
import io.vertx.core.net.NetSocket;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Nodes between which a firewall stands that answers with a reset. */
class RejectingCutIT {
  private static final Duration SOON = Duration.ofSeconds(20);

  private final Vertx vertx = Vertx.vertx();
  private Door toOne;
  private Door toTwo;
  private Member one;
  private Member two;

  @BeforeEach
  void start() throws Exception {
    List<Integer> ports = List.of(Member.freePort(), Member.freePort());
    String cluster = TestNode.newCluster();
    toOne = new Door();
    toTwo = new Door();
    one =
        new Member(
            "one", Member.settings(cluster, ports.get(0), ports), toOne.port, toOne.behind, "edge");
    two =
        new Member(
            "two", Member.settings(cluster, ports.get(1), ports), toTwo.port, toTwo.behind, "edge");
    awaitBoth();
  }

  @AfterEach
  void stop() throws Exception {
    two.close();
    one.close();
    Member.get(vertx.close());
  }

  @Test
  void bothAreInAgainWhenItIsOver() throws Exception {
    toOne.close();
    toTwo.close();
    TestNode.until("each is out", SOON, () -> one.peers.live() == 1 && two.peers.live() == 1);
    toOne.open();
    toTwo.open();
    awaitBoth();
  }

  @Test
  void whoIsHeardButCanNotBeAskedIsSilentAndSaidSo() throws Exception {
    toTwo.close();
    TestNode.until("it is silent", SOON, () -> one.peers.silent() == 1);
    assertThat(one.peers.trouble())
        .isEqualTo("nothing gets through to two: connections are refused");
    toTwo.open();
    awaitBoth();
    assertThat(one.peers.trouble()).isNull();
  }

  private void awaitBoth() {
    TestNode.until("both are in", SOON, () -> one.peers.live() == 2 && two.peers.live() == 2);
  }

  /** What stands before a node's bus. */
  private final class Door {
    final int port = Member.freePort();
    final int behind = Member.freePort();
    private final Set<NetSocket> sockets = ConcurrentHashMap.newKeySet();
    private final NetClient client = vertx.createNetClient();
    private NetServer server = listen();

    Door() throws Exception {}

    private NetServer listen() throws Exception {
      return Member.get(
          vertx
              .createNetServer()
              .connectHandler(
                  socket -> {
                    sockets.add(socket);
                    socket.pause();
                    client
                        .connect(behind, "127.0.0.1")
                        .onSuccess(
                            inner -> {
                              sockets.add(inner);
                              socket.pipeTo(inner);
                              inner.pipeTo(socket);
                              socket.resume();
                            })
                        .onFailure(refused -> socket.close());
                  })
              .listen(port, "127.0.0.1"));
    }

    void open() throws Exception {
      server = listen();
    }

    void close() throws Exception {
      Member.get(server.close());
      sockets.forEach(NetSocket::close);
      sockets.clear();
    }
  }
}
