package io.tidegate.routing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidegate.bus.Failure;
import io.tidegate.bus.FailureException;
import io.vertx.core.internal.VertxInternal;
import java.io.IOException;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Upstreams and clients that stall, break off or talk nonsense, and whose fault it is then. */
class FaultsIT extends DoorTest {
  @Test
  void aRefusedConnectionIsTheUpstreamsFault() throws Exception {
    int port = closedPort();
    Door door = open("", "", port);
    HttpResponse<String> answer = post(door, "/", "body");
    assertThat(answer.statusCode()).isEqualTo(503);
    FailureException failure = only(door);
    assertThat(failure.failure()).isEqualTo(Failure.UPSTREAM_REFUSED);
    assertThat(failure.getMessage()).isEqualTo("upstream up: refused the connection");
    assertThat(failure.members())
        .containsEntry("fault", "upstream")
        .containsEntry("upstream", "up")
        .as("where it is, is the operator's business")
        .doesNotContainKey("endpoint");
    assertThat(door.count("tidegate.routing.failures", "kind", "upstream-refused")).isEqualTo(1);
  }

  @Test
  void aLateAnswerIsATimeout() throws Exception {
    try (RawServer late = new RawServer((socket, head) -> socket.getInputStream().read())) {
      Door door = open("answer-timeout: 200ms", "", late.port());
      get(door, "/");
      assertThat(only(door).failure()).isEqualTo(Failure.UPSTREAM_TIMEOUT);
      assertThat(only(door).getMessage()).endsWith("no answer within 200 ms");
      assertThat(late.requests).hasValue(1);
    }
  }

  @Test
  void theTimeThatThisNodeStoodStillIsNotTheUpstreams() throws Exception {
    CountDownLatch never = new CountDownLatch(1);
    Door[] opened = new Door[1];
    try (RawServer prompt =
        new RawServer(
            (socket, head) -> {
              ((VertxInternal) opened[0].vertx)
                  .nettyEventLoopGroup()
                  .forEach(loop -> loop.execute(() -> pause(never, 2_500)));
              pause(never, 2_700);
              RawServer.write(socket, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
            })) {
      Door door = open("answer-timeout: 2s\nretry: {attempts: 0}", "", prompt.port());
      opened[0] = door;
      assertThat(get(door, "/").statusCode()).isEqualTo(200);
      assertThat(door.failures).isEmpty();
    }
  }

  private static void pause(CountDownLatch never, long millis) {
    try {
      assertThat(never.await(millis, TimeUnit.MILLISECONDS)).isFalse();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void garbageHugeHeadsAndOtherProtocolsAreTheUpstreamsFault() throws Exception {
    List<String> answers =
        List.of(
            "SSH-2.0-OpenSSH_9.2\r\n\r\n",
            "HTTP/1.1 200 OK\r\nx: " + "y".repeat(100_000) + "\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd",
            "HTTP/1.1 abc\r\n\r\n",
            "");
    AtomicInteger next = new AtomicInteger();
    try (RawServer odd =
        new RawServer(
            (socket, head) -> RawServer.write(socket, answers.get(next.getAndIncrement())))) {
      Door door = open("retry: {attempts: 0}\nanswer-timeout: 2s", "", odd.port());
      for (int i = 0; i < answers.size(); i++) {
        assertThat(get(door, "/").statusCode())
            .as(answers.get(i).substring(0, Math.min(20, answers.get(i).length())))
            .isEqualTo(503);
      }
      assertThat(door.failures)
          .extracting(FailureException::failure)
          .containsOnly(Failure.UPSTREAM_FAILED);
    }
  }

  @Test
  void aBodyCutOffIsCutOffForTheClientToo() throws Exception {
    try (RawServer half =
        new RawServer(
            (socket, head) -> {
              if (head.startsWith("GET /chunked")) {
                RawServer.write(
                    socket, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n");
              } else {
                RawServer.write(socket, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello");
              }
              if (head.contains("reset")) {
                RawServer.reset(socket);
              }
            })) {
      Door door = open("", "", half.port());
      for (String path : List.of("/chunked", "/length", "/chunked-reset", "/length-reset")) {
        String answer = raw(door, "GET " + path + " HTTP/1.1\r\nHost: a\r\n\r\n");
        assertThat(answer).as(path).doesNotEndWith("0\r\n\r\n");
        assertThatThrownBy(() -> get(door, path)).as(path).isInstanceOf(IOException.class);
      }
      assertThat(door.failures).isEmpty();
      assertThat(door.meters.get("tidegate.routing.exchanges").gauge().value()).isZero();
    }
  }

  @Test
  void anUpstreamThatStallsInTheBodyIsCutOff() throws Exception {
    try (RawServer stalls =
        new RawServer(
            (socket, head) -> {
              RawServer.write(socket, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello");
              socket.getInputStream().read();
            })) {
      Door door = open("idle-timeout: 200ms", "", stalls.port());
      assertThatThrownBy(() -> get(door, "/")).isInstanceOf(IOException.class);
    }
  }

  @Test
  void aClientThatStallsInTheBodyIsTold() throws Exception {
    Door door = openTo("idle-timeout: 200ms", request -> request.body());
    String answer = raw(door, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc");
    assertThat(answer).startsWith("HTTP/1.1 400");
    assertThat(only(door).failure()).isEqualTo(Failure.REQUEST_TIMEOUT);
    assertThat(only(door).members()).containsEntry("fault", "client");
  }

  @Test
  void aClientThatHangsUpCancelsTheCallAndFreesItsPlace() throws Exception {
    RawServer[] self = new RawServer[1];
    try (RawServer slow =
        new RawServer(
            (socket, head) -> {
              if (head.contains("/body")) {
                RawServer.write(socket, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello");
              }
              if (head.contains("/quick")) {
                RawServer.write(
                    socket, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
                return;
              }
              self[0].awaitHangUp(socket);
            })) {
      self[0] = slow;
      Door door = open("connections: 1\nqueue: 5\nanswer-timeout: 1m", "", slow.port());
      int expected = 0;
      for (String start :
          List.of(
              "GET /head HTTP/1.1\r\nHost: a\r\n\r\n",
              "GET /body HTTP/1.1\r\nHost: a\r\n\r\n",
              "POST /upload HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc")) {
        try (Socket client = RawServer.connect(door.port())) {
          RawServer.write(client, start);
          int arrived = ++expected;
          Door.until("the request", () -> slow.requests.get() == arrived);
        }
        int gone = expected;
        Door.until("the upstream to see it", () -> slow.hangUps.get() == gone);
      }
      assertThat(get(door, "/quick").statusCode()).isEqualTo(200);
      Door.until(
          "no request under way",
          () -> door.meters.get("tidegate.routing.in.flight").gauge().value() == 0);
      assertThat(door.failures)
          .allSatisfy(f -> assertThat(f.failure()).isEqualTo(Failure.CLIENT_CLOSED));
    }
  }

  @Test
  void tooManyWaitingAreRefusedAtOnce() throws Exception {
    try (RawServer stuck = new RawServer((socket, head) -> socket.getInputStream().read())) {
      Door door = open("connections: 1\nqueue: 0\nanswer-timeout: 1m", "", stuck.port());
      try (Socket first = RawServer.connect(door.port())) {
        RawServer.write(first, "GET /1 HTTP/1.1\r\nHost: a\r\n\r\n");
        Door.until("the first request", () -> stuck.requests.get() == 1);
        assertThat(get(door, "/2").body())
            .startsWith("OVERLOADED: upstream up")
            .contains("all 1 connections in use");
      }
    }
  }

  @Test
  void anAnswerOfUnknownLengthEndsWithTheConnectionForHttp10() throws Exception {
    try (RawServer chunked =
        new RawServer(
            (socket, head) ->
                RawServer.write(
                    socket,
                    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"))) {
      Door door = open("", "", chunked.port());
      String answer = raw(door, "GET / HTTP/1.0\r\nHost: a\r\nConnection: keep-alive\r\n\r\n");
      assertThat(answer.toLowerCase(java.util.Locale.ROOT))
          .startsWith("http/1.0 200")
          .contains("connection: close")
          .doesNotContain("keep-alive")
          .endsWith("\r\n\r\nhello");
    }
  }

  @Test
  void http10KnowsNoContinue() throws Exception {
    Door door =
        openTo("", request -> request.body().onSuccess(body -> request.response().end(body)));
    String answer =
        raw(
            door,
            "POST / HTTP/1.0\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\nabc");
    assertThat(answer).startsWith("HTTP/1.0 200").endsWith("abc").doesNotContain(" 100 ");
  }

  @Test
  void controlCharactersInAQueryAreRefusedOverHttp1Too() throws Exception {
    Door door = openTo("", request -> request.response().end());
    for (String query : List.of("a\u0001b", "a\u007f", "a\u00e9")) {
      assertThat(raw(door, "GET /?" + query + " HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"))
          .as(query)
          .startsWith("HTTP/1.1 400");
    }
  }
}
