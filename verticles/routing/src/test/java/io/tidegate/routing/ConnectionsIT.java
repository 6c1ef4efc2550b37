package io.tidegate.routing;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.Socket;
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
    assertThat(connectionsAfterFour(answer + "x", 200, "ok")).isEqualTo(4);
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
}
