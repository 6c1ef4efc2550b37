package io.tidegate.routing;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.http.HttpServer;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** What is sent once more, to whom, and how often. */
class RetriesIT extends DoorTest {
  @Test
  void safeMethodsGoToAnotherEndpointOthersDoNot() throws Exception {
    for (String fault : List.of("reset", "close", "503")) {
      try (RawServer bad =
              new RawServer(
                  (socket, head) -> {
                    if (fault.equals("503")) {
                      RawServer.write(
                          socket,
                          "HTTP/1.1 503 No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
                    } else if (fault.equals("reset")) {
                      RawServer.reset(socket);
                    }
                  });
          RawServer good =
              new RawServer(
                  (socket, head) ->
                      RawServer.write(
                          socket,
                          "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok"))) {
        Door door = open("breaker: {window: 1000}", "", bad.port(), good.port());
        for (int i = 0; i < 12; i++) {
          assertThat(get(door, "/").statusCode()).as(fault).isEqualTo(200);
        }
        assertThat(bad.requests.get()).isPositive();
        assertThat(door.count("tidegate.routing.retries")).isEqualTo(bad.requests.get());
        int before = bad.requests.get() + good.requests.get();
        int failed = 0;
        for (int i = 0; i < 12; i++) {
          failed += post(door, "/", "x").statusCode() == 200 ? 0 : 1;
        }
        assertThat(bad.requests.get() + good.requests.get()).isEqualTo(before + 12);
        assertThat(failed).isBetween(1, 12);
        close();
      }
    }
  }

  @Test
  void aDeadEndpointIsNoticedByNobody() throws Exception {
    AtomicInteger got = new AtomicInteger();
    Door door = open("", "", 1);
    HttpServer alive =
        upstream(
            door,
            request ->
                request
                    .body()
                    .onSuccess(
                        body -> {
                          got.incrementAndGet();
                          request.response().end(body);
                        }));
    door.reload(yaml("", "", closedPort(), alive.actualPort()));
    for (int i = 0; i < 20; i++) {
      assertThat(post(door, "/", "b" + i).body()).isEqualTo("b" + i);
    }
    assertThat(got).hasValue(20);
    assertThat(door.count("tidegate.routing.failures", "kind", "upstream-refused"))
        .as("it is avoided after the first failure")
        .isLessThanOrEqualTo(2);
  }

  @Test
  void retriesEndWithTheBudget() throws Exception {
    try (RawServer bad = new RawServer((socket, head) -> RawServer.reset(socket))) {
      Door door =
          open(
              "breaker: {window: 1000}\nretry: {attempts: 2, budget: 0.1, per-second: 0}",
              "",
              bad.port());
      for (int i = 0; i < 50; i++) {
        assertThat(get(door, "/").statusCode()).isEqualTo(503);
      }
      assertThat(bad.requests.get()).isBetween(51, 55);
      assertThat(door.count("tidegate.routing.retries.refused")).isPositive();
    }
  }

  @Test
  void aStaleConnectionIsMadeGood() throws Exception {
    // Keeps a connection open after the first answer and closes it without a word when the second
    // request comes.
    try (RawServer stale =
        new RawServer(
            (socket, head) -> {
              RawServer.write(socket, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
              RawServer.head(socket.getInputStream());
            })) {
      Door door = open("breaker: {window: 1000}", "", stale.port());
      for (int i = 0; i < 6; i++) {
        assertThat(get(door, "/").body()).isEqualTo("ok");
      }
      assertThat(door.count("tidegate.routing.retries")).isPositive();
    }
  }

  @Test
  void overHttp2FailuresAreAnsweredAndRetriedToo() throws Exception {
    AtomicInteger calls = new AtomicInteger();
    try (RawServer odd =
        new RawServer(
            (socket, head) -> {
              if (head.startsWith("GET") && calls.getAndIncrement() % 2 == 1) {
                RawServer.write(
                    socket, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok");
              } else if (head.startsWith("POST")) {
                socket.getInputStream().readNBytes(4);
              }
            })) {
      Door door = open("breaker: {window: 1000}", "", odd.port());
      HttpClient http2 = HttpClient.newBuilder().version(HttpClient.Version.HTTP_2).build();
      HttpRequest.Builder request =
          HttpRequest.newBuilder(URI.create(door.url("/"))).timeout(LIMIT);
      for (int i = 0; i < 3; i++) {
        HttpResponse<String> answer = http2.send(request.GET().build(), BodyHandlers.ofString());
        assertThat(answer.version()).isEqualTo(HttpClient.Version.HTTP_2);
        assertThat(answer.body()).isEqualTo("ok");
      }
      HttpResponse<String> failed =
          http2.send(
              request.POST(BodyPublishers.ofString("body")).build(), BodyHandlers.ofString());
      assertThat(failed.body()).startsWith("UPSTREAM_FAILED");
    }
  }

  /** A that is busy, and B that is not healthy. */
  private Door openToBusyAndUnhealthy(String upstream, AtomicInteger asked) throws Exception {
    Door door = open("", "", 1);
    HttpServer busy =
        upstream(
            door,
            request -> {
              boolean check = request.path().equals("/health");
              asked.addAndGet(check ? 0 : 1);
              request
                  .response()
                  .setStatusCode(check ? 200 : 503)
                  .putHeader("retry-after", "7")
                  .end("busy");
            });
    HttpServer ill = upstream(door, request -> request.response().setStatusCode(500).end());
    door.reload(
        yaml(
            "health-check: {path: /health, interval: 50ms, failures: 1}\n" + upstream,
            "",
            busy.actualPort(),
            ill.actualPort()));
    String endpoint = "http://127.0.0.1:" + ill.actualPort();
    Door.until(
        "the other one to be out",
        () ->
            door.meters.get("tidegate.routing.healthy").tag("endpoint", endpoint).gauge().value()
                == 0);
    return door;
  }

  @Test
  void anAnswerIsNotGivenUpForAnEndpointThatCannotBeAsked() throws Exception {
    for (String breaker : List.of("breaker: {window: 1000}", "breaker: {window: 1}")) {
      AtomicInteger asked = new AtomicInteger();
      Door door = openToBusyAndUnhealthy(breaker, asked);
      HttpResponse<String> answer = get(door, "/");
      assertThat(answer.statusCode()).as(breaker).isEqualTo(503);
      assertThat(answer.body()).as(breaker).isEqualTo("busy");
      assertThat(answer.headers().firstValue("retry-after")).hasValue("7");
      assertThat(asked).as(breaker).hasValue(1);
      assertThat(door.count("tidegate.routing.retries")).isZero();
      close();
    }
  }

  @Test
  void aStatusThatIsTriedAgainCountsAgainstTheBreakerOnlyIfItsStatusesSaySo() throws Exception {
    AtomicInteger asked = new AtomicInteger();
    Door door = open("", "", 1);
    HttpServer busy =
        upstream(
            door,
            request -> {
              asked.incrementAndGet();
              request.response().setStatusCode(503).end();
            });
    HttpServer idle = upstream(door, request -> request.response().end("ok"));
    door.reload(
        yaml("breaker: {window: 2, statuses: [500]}", "", busy.actualPort(), idle.actualPort()));
    Door.until("the busy one to be asked often", () -> status(door) == 200 && asked.get() >= 5);
    assertThat(door.meters.find("tidegate.routing.breaker").gauges())
        .hasSize(2)
        .allSatisfy(breaker -> assertThat(breaker.value()).isZero());
  }
}
