package io.tidegate.routing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidegate.bus.Failure;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import java.io.IOException;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** When the breaker opens under traffic, and what is answered then. */
class BreakerIT extends DoorTest {
  @Test
  void halfOfTheCallsFailingOpensTheBreakerTheFallbackAnswersAndItRecovers() throws Exception {
    AtomicInteger calls = new AtomicInteger();
    AtomicInteger failEvery = new AtomicInteger(2);
    io.vertx.core.Handler<HttpServerRequest> flaky =
        request ->
            request
                .response()
                .setStatusCode(calls.incrementAndGet() % failEvery.get() == 0 ? 500 : 200)
                .end("live");
    Door door = open("", "", 1);
    HttpServer server = upstream(door, flaky);
    door.reload(
        yaml(
            "breaker: {open-for: 1s}",
            "fallback: {status: 203, content-type: text/plain, headers: {x-f: y}, body: basic}",
            server.actualPort()));
    for (int i = 0; i < 10; i++) {
      assertThat(get(door, "/").statusCode()).isEqualTo(i % 2 == 0 ? 200 : 500);
    }
    HttpResponse<String> degraded = get(door, "/");
    assertThat(degraded.statusCode()).isEqualTo(203);
    assertThat(degraded.body()).isEqualTo("basic");
    assertThat(degraded.headers().firstValue("tidegate-fallback")).hasValue("up breaker-open");
    assertThat(degraded.headers().firstValue("x-f")).hasValue("y");
    assertThat(post(door, "/", "x".repeat(100_000)).statusCode()).isEqualTo(203);
    assertThat(calls).hasValue(10);
    assertThat(breaker(door)).isEqualTo(1);
    failEvery.set(1_000_000);
    Door.until("the trial", () -> status(door) == 200);
    assertThat(get(door, "/").body()).isEqualTo("live");
    assertThat(breaker(door)).isZero();
  }

  @Test
  void bodiesThatBreakOpenTheBreaker() throws Exception {
    try (RawServer half =
        new RawServer(
            (socket, head) ->
                RawServer.write(socket, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello"))) {
      Door door = open("", "", half.port());
      for (int i = 0; i < 10; i++) {
        assertThatThrownBy(() -> get(door, "/")).isInstanceOf(IOException.class);
      }
      Door.until("the breaker to open", () -> breaker(door) == 1);
      assertThat(get(door, "/").body()).startsWith("BREAKER_OPEN");
      assertThat(half.requests).hasValue(10);
    }
  }

  @Test
  void bodiesThatStallOpenTheBreaker() throws Exception {
    try (RawServer stalls =
        new RawServer(
            (socket, head) -> {
              RawServer.write(socket, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello");
              socket.getInputStream().read();
            })) {
      Door door = open("idle-timeout: 100ms\nbreaker: {window: 3}", "", stalls.port());
      for (int i = 0; i < 3; i++) {
        assertThatThrownBy(() -> get(door, "/")).isInstanceOf(IOException.class);
      }
      Door.until("the breaker to open", () -> breaker(door) == 1);
    }
  }

  @Test
  void clientsThatHangUpSayNothingOfTheUpstream() throws Exception {
    try (RawServer slow =
        new RawServer(
            (socket, head) -> {
              RawServer.write(
                  socket,
                  head.startsWith("GET /whole")
                      ? "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok"
                      : "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello");
              socket.getInputStream().read();
            })) {
      Door door = open("breaker: {window: 4}", "", slow.port());
      for (int i = 0; i < 6; i++) {
        try (Socket client = RawServer.connect(door.port())) {
          RawServer.write(client, "GET /part HTTP/1.1\r\nHost: a\r\n\r\n");
          assertThat(RawServer.head(client.getInputStream())).startsWith("HTTP/1.1 200");
        }
      }
      Door.until(
          "no request under way",
          () -> door.meters.get("tidegate.routing.in.flight").gauge().value() == 0);
      assertThat(breaker(door)).isZero();
      assertThat(get(door, "/whole").body()).isEqualTo("ok");
    }
  }

  @Test
  void waitingForOurOwnConnectionsIsNotTheUpstreamsFault() throws Exception {
    try (RawServer stuck = new RawServer((socket, head) -> socket.getInputStream().read())) {
      Door door =
          open(
              "connections: 1\nqueue: 5\nconnect-timeout: 100ms\nanswer-timeout: 1m\n"
                  + "breaker: {window: 2}",
              "",
              stuck.port());
      try (Socket first = RawServer.connect(door.port())) {
        RawServer.write(first, "GET /1 HTTP/1.1\r\nHost: a\r\n\r\n");
        Door.until("the first request", () -> stuck.requests.get() == 1);
        for (int i = 0; i < 4; i++) {
          assertThat(get(door, "/2").body())
              .startsWith("OVERLOADED: upstream up")
              .contains("none free within 100 ms");
        }
        assertThat(breaker(door)).isZero();
        assertThat(door.failures.getFirst().members()).containsEntry("fault", "gateway");
      }
    }
  }

  @Test
  void anOpenBreakerSaysSo() throws Exception {
    Door door = open("retry: {attempts: 0}", "", closedPort());
    for (int i = 0; i < 11; i++) {
      assertThat(get(door, "/").statusCode()).isEqualTo(503);
    }
    assertThat(door.failures.getLast().failure()).isEqualTo(Failure.BREAKER_OPEN);
    assertThat(door.failures.getLast().getMessage()).startsWith("upstream up: breaker open");
  }
}
