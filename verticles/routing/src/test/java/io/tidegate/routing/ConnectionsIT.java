package io.tidegate.routing;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** When a connection to an endpoint carries another call, and when it must not. */
class ConnectionsIT extends DoorTest {
  /** Answers every request of a connection alike, and counts connections. */
  private static RawServer answering(AtomicInteger connections, String answer) throws Exception {
    return new RawServer(
        (socket, first) -> {
          int number = connections.incrementAndGet();
          for (String head = first; !head.isEmpty(); ) {
            RawServer.write(socket, answer.replace("NUMBER", Integer.toString(number)));
            head = RawServer.head(socket.getInputStream());
          }
        });
  }

  private int connectionsAfterFour(String answer, int status, String body) throws Exception {
    AtomicInteger connections = new AtomicInteger();
    try (RawServer upstream = answering(connections, answer)) {
      Door door = open("", "", upstream.port());
      for (int i = 0; i < 4; i++) {
        var got = get(door, "/");
        assertThat(got.statusCode()).isEqualTo(status);
        assertThat(got.body()).isEqualTo(body);
      }
    } finally {
      close();
    }
    return connections.get();
  }

  @Test
  void oneConnectionCarriesOneCallAfterTheOther() throws Exception {
    assertThat(connectionsAfterFour("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", 200, "ok"))
        .isEqualTo(1);
    assertThat(
            connectionsAfterFour(
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
                200,
                "ok"))
        .isEqualTo(1);
    assertThat(connectionsAfterFour("HTTP/1.1 204 No Content\r\n\r\n", 204, "")).isEqualTo(1);
    assertThat(
            connectionsAfterFour(
                "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\nok",
                200,
                "ok"))
        .isEqualTo(1);
  }

  @Test
  void itEndsWhenTheEndpointSaysSo() throws Exception {
    assertThat(
            connectionsAfterFour(
                "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok", 200, "ok"))
        .isEqualTo(4);
    assertThat(connectionsAfterFour("HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok", 200, "ok"))
        .isEqualTo(4);
    assertThat(
            connectionsAfterFour(
                "HTTP/1.1 200 OK\r\nKeep-Alive: timeout=0, max=9\r\nContent-Length: 2\r\n\r\nok",
                200,
                "ok"))
        .isEqualTo(4);
  }

  @Test
  void interimAnswersAreNotTakenForTheAnswer() throws Exception {
    assertThat(
            connectionsAfterFour(
                "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"
                    + "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
                200,
                "ok"))
        .isEqualTo(1);
  }

  /** RFC 9112 11.2: what an endpoint says unasked would be the next caller's answer. */
  @Test
  void whatComesUnaskedIsNobodysAnswer() throws Exception {
    String answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    assertThat(connectionsAfterFour(answer + answer.replace("ok", "no"), 200, "ok")).isEqualTo(4);
    assertThat(connectionsAfterFour(answer + "HTTP/1.1 200 O", 200, "ok")).isEqualTo(4);
    assertThat(connectionsAfterFour(answer + "HTTP/1.1 200 OK\r\n", 200, "ok")).isEqualTo(4);
    assertThat(connectionsAfterFour(answer + "x", 200, "ok")).isEqualTo(4);
  }

  @Test
  void halfAHeadThatCameUnaskedIsNotTheNextAnswersBegin() throws Exception {
    CountDownLatch said = new CountDownLatch(1);
    AtomicInteger connections = new AtomicInteger();
    try (RawServer upstream =
        new RawServer(
            (socket, head) -> {
              RawServer.write(socket, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
              if (connections.incrementAndGet() == 1) {
                Thread.sleep(100);
                RawServer.write(socket, "HTTP/1.1 408 Late\r\n");
                said.countDown();
                RawServer.head(socket.getInputStream());
                RawServer.write(socket, "Content-Length: 0\r\n\r\n");
              }
            })) {
      Door door = open("", "", upstream.port());
      assertThat(get(door, "/").body()).isEqualTo("ok");
      assertThat(said.await(10, TimeUnit.SECONDS)).isTrue();
      Thread.sleep(100);
      assertThat(get(door, "/").body()).isEqualTo("ok");
    }
    assertThat(connections.get()).isEqualTo(2);
  }

  @Test
  void whoWaitsGetsTheConnectionThatComesFree() throws Exception {
    AtomicInteger connections = new AtomicInteger();
    try (RawServer upstream =
        answering(connections, "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nNUMBER     ")) {
      Door door = open("connections: 1", "", upstream.port());
      StringBuilder requests = new StringBuilder();
      for (int i = 0; i < 50; i++) {
        requests.append("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
      }
      try (Socket one = RawServer.connect(door.port());
          Socket other = RawServer.connect(door.port())) {
        RawServer.write(one, requests.toString());
        RawServer.write(other, requests.toString());
        for (int i = 0; i < 50; i++) {
          for (Socket each : new Socket[] {one, other}) {
            assertThat(RawServer.head(each.getInputStream())).startsWith("HTTP/1.1 200");
            assertThat(each.getInputStream().readNBytes(6)).startsWith((byte) '1');
          }
        }
      }
    }
    assertThat(connections.get()).isEqualTo(1);
  }

  @Test
  void whereNoneComesFreeEachGetsOneOfItsOwn() throws Exception {
    int many = 60;
    AtomicInteger connections = new AtomicInteger();
    CountDownLatch all = new CountDownLatch(many);
    try (RawServer upstream =
        new RawServer(
            (socket, head) -> {
              connections.incrementAndGet();
              all.countDown();
              all.await(20, TimeUnit.SECONDS);
              RawServer.write(socket, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
            })) {
      Door door = open("connections: 400", "", upstream.port());
      List<Socket> clients = new ArrayList<>();
      try {
        for (int i = 0; i < many; i++) {
          clients.add(RawServer.connect(door.port()));
        }
        for (Socket client : clients) {
          RawServer.write(client, "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
        }
        for (Socket client : clients) {
          assertThat(RawServer.head(client.getInputStream())).startsWith("HTTP/1.1 200");
        }
      } finally {
        for (Socket client : clients) {
          client.close();
        }
      }
    }
    assertThat(connections.get()).isEqualTo(many);
  }

  @Test
  void headsDoNotWaitForABody() throws Exception {
    AtomicInteger connections = new AtomicInteger();
    try (RawServer upstream =
        answering(connections, "HTTP/1.1 200 OK\r\nContent-Length: 700\r\n\r\n")) {
      Door door = open("", "", upstream.port());
      try (Socket socket = RawServer.connect(door.port())) {
        for (int i = 0; i < 3; i++) {
          RawServer.write(socket, "HEAD / HTTP/1.1\r\nHost: a\r\n\r\n");
          assertThat(RawServer.head(socket.getInputStream())).contains("200 OK");
        }
      }
    }
    assertThat(connections.get()).isEqualTo(1);
  }

  @Test
  void anUploadThatNobodyReadsGivesItsPlaceUp() throws Exception {
    CountDownLatch done = new CountDownLatch(1);
    try (RawServer upstream =
        new RawServer(
            (socket, head) -> {
              if (head.startsWith("POST")) {
                done.await(20, TimeUnit.SECONDS); // reads nothing
              } else {
                RawServer.write(socket, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
              }
            })) {
      Door door = open("connections: 1", "idle-timeout: 500ms", upstream.port());
      assertThat(post(door, "/", "x".repeat(20_000_000)).statusCode()).isEqualTo(503);
      assertThat(get(door, "/").body()).isEqualTo("ok");
      done.countDown();
    }
  }

  @Test
  void anEndpointThatShakesNoHandsIsOutOfTimeLikeOneThatIsNotThere() throws Exception {
    try (ServerSocket silent = new ServerSocket(0)) {
      Door door = open("", "", 1);
      door.reload(
          yaml("connect-timeout: 300ms", "", silent.getLocalPort()).replace("http://", "https://"));
      long begin = System.nanoTime();
      assertThat(get(door, "/").body()).contains("UPSTREAM_TIMEOUT");
      assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(5));
      Door.until(
          "the place to be free",
          () ->
              door.meters.get("tidegate.routing.connections").gauge().value() == 0
                  && door.meters.get("tidegate.routing.waiting").gauge().value() == 0);
    }
  }

  /** What an endpoint says when it closes an idle connection is no answer to what comes next. */
  @Test
  void anAnswerBeforeTheRequestIsNone() throws Exception {
    CountDownLatch asked = new CountDownLatch(1);
    AtomicInteger connections = new AtomicInteger();
    try (RawServer upstream =
        new RawServer(
            (socket, head) -> {
              RawServer.write(socket, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
              if (connections.incrementAndGet() == 1) {
                asked.await(20, TimeUnit.SECONDS);
                RawServer.write(socket, "HTTP/1.1 408 Late\r\nContent-Length: 0\r\n\r\n");
                RawServer.head(socket.getInputStream());
              }
            })) {
      Door door = open("", "", upstream.port());
      assertThat(get(door, "/").body()).isEqualTo("ok");
      try (Socket client = RawServer.connect(door.port())) {
        RawServer.write(client, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\n");
        Door.until(
            "the call", () -> door.meters.get("tidegate.routing.in.flight").gauge().value() == 1);
        asked.countDown();
        Door.until(
            "the connection to end",
            () -> door.meters.get("tidegate.routing.connections").gauge().value() == 0);
        RawServer.write(client, "abc");
        assertThat(RawServer.head(client.getInputStream())).startsWith("HTTP/1.1 503");
      }
      assertThat(get(door, "/").body()).isEqualTo("ok");
    }
  }

  @Test
  void aConnectionThatNoLongerSpeaksHttpIsNotUsedAgain() throws Exception {
    for (String odd :
        List.of(
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n",
            "RTSP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n")) {
      AtomicInteger connections = new AtomicInteger();
      try (RawServer upstream =
          new RawServer(
              (socket, head) -> {
                RawServer.write(
                    socket,
                    connections.incrementAndGet() == 1
                        ? odd
                        : "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
                RawServer.head(socket.getInputStream());
              })) {
        Door door = open("connections: 1\nbreaker: {window: 1000}", "", upstream.port());
        List<Integer> statuses = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
          statuses.add(post(door, "/", "x").statusCode());
        }
        assertThat(statuses).startsWith(503).contains(200);
      } finally {
        close();
      }
    }
  }

  @Test
  void pieceByPieceAndOverOthersLoopsAllOfAnAnswerArrives() throws Exception {
    int pieces = 400;
    try (RawServer upstream =
        new RawServer(
            (socket, first) -> {
              for (String head = first; !head.isEmpty(); ) {
                RawServer.write(socket, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
                for (int i = 0; i < pieces; i++) {
                  RawServer.write(socket, "8000\r\n" + "y".repeat(0x8000) + "\r\n");
                }
                RawServer.write(socket, "0\r\nX-Sum: 1\r\n\r\n");
                head = RawServer.head(socket.getInputStream());
              }
            })) {
      Door door = open("connections: 1", "", upstream.port());
      for (int i = 0; i < 6; i++) { // each client connection is on the next loop
        String answer = raw(door, "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
        assertThat(answer.chars().filter(c -> c == 'y').count()).isEqualTo(pieces * 0x8000L);
      }
    }
  }
}
