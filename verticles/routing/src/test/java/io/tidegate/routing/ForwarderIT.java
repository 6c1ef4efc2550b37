package io.tidegate.routing;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidegate.bus.Failure;
import io.tidegate.bus.FailureException;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ForwarderIT {
  private static final HttpClient CLIENT =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  private static final Duration LIMIT = Duration.ofSeconds(10);

  @TempDir Path folder;
  private @Nullable Door door;

  @AfterEach
  void close() throws Exception {
    if (door != null) {
      door.close();
    }
  }

  private static String yaml(String upstream, String route, int... ports) {
    StringBuilder endpoints = new StringBuilder();
    for (int port : ports) {
      endpoints
          .append(endpoints.isEmpty() ? "" : ", ")
          .append("\"http://127.0.0.1:")
          .append(port)
          .append('"');
    }
    return "upstreams:\n  up:\n    endpoints: ["
        + endpoints
        + "]\n"
        + upstream.indent(4)
        + "routes:\n  all:\n    path: /*\n    upstream: up\n    auth: none\n"
        + route.indent(4);
  }

  private Door open(String upstream, String route, int... ports) throws Exception {
    Door opened = new Door(folder, yaml(upstream, route, ports));
    door = opened;
    return opened;
  }

  private static HttpServer upstream(Door door, io.vertx.core.Handler<HttpServerRequest> handler)
      throws Exception {
    return Door.await(door.vertx.createHttpServer().requestHandler(handler).listen(0, "127.0.0.1"));
  }

  private Door openTo(String route, io.vertx.core.Handler<HttpServerRequest> handler)
      throws Exception {
    Door opened = open("", route, 1);
    opened.reload(yaml("", route, upstream(opened, handler).actualPort()));
    return opened;
  }

  private static HttpResponse<String> get(Door door, String path, String... headers)
      throws Exception {
    HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(door.url(path))).timeout(LIMIT);
    if (headers.length > 0) {
      request.headers(headers);
    }
    return CLIENT.send(request.build(), BodyHandlers.ofString());
  }

  private static HttpResponse<String> post(Door door, String path, String body) throws Exception {
    return CLIENT.send(
        HttpRequest.newBuilder(URI.create(door.url(path)))
            .timeout(LIMIT)
            .POST(BodyPublishers.ofString(body))
            .build(),
        BodyHandlers.ofString());
  }

  /** Sends bytes and reads until the peer closes. */
  private static String raw(Door door, String text) throws IOException {
    try (Socket socket = RawServer.connect(door.port())) {
      socket.setSoTimeout(10_000);
      RawServer.write(socket, text);
      return new String(socket.getInputStream().readAllBytes(), ISO_8859_1);
    }
  }

  private static int closedPort() throws IOException {
    try (ServerSocket free = new ServerSocket(0)) {
      return free.getLocalPort();
    }
  }

  private static FailureException only(Door door) {
    assertThat(door.failures).hasSize(1);
    return door.failures.getFirst();
  }

  @Test
  void passesRequestAndAnswerOn() throws Exception {
    Door door =
        openTo(
            """
            rewrite: /api/*
            request-headers: {set: {x-set: s}, add: {x-add: a}, remove: [x-gone]}
            response-headers: {set: {x-out: o}, remove: [x-secret]}
            """,
            request ->
                request
                    .body()
                    .onSuccess(
                        body ->
                            request
                                .response()
                                .setStatusCode(201)
                                .putHeader("x-secret", "1")
                                .putHeader("connection", "x-private")
                                .putHeader("x-private", "1")
                                .end(
                                    request.method()
                                        + " "
                                        + request.uri()
                                        + "\n"
                                        + request.headers()
                                        + "\n"
                                        + body)));
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(door.url("/a%20b/c?q=1&r=%2F")))
            .headers(
                "x-gone",
                "1",
                "x-forwarded-for",
                "6.6.6.6",
                "forwarded",
                "for=6.6.6.6",
                "te",
                "gzip",
                "x-real-ip",
                "1")
            .headers("authorization", "Bearer t", "proxy-authorization", "p", "via", "1.0 before")
            .method("PUT", BodyPublishers.ofString("hello"))
            .build();
    HttpResponse<String> answer = CLIENT.send(request, BodyHandlers.ofString());
    assertThat(answer.statusCode()).isEqualTo(201);
    assertThat(answer.body())
        .startsWith("PUT /api/a%20b/c?q=1&r=%2F\n")
        .endsWith("\nhello")
        .containsIgnoringCase("x-set=s")
        .containsIgnoringCase("x-add=a")
        .contains("content-length=5", "x-forwarded-for=127.0.0.1\n", "x-forwarded-proto=http\n")
        .contains("x-forwarded-host=127.0.0.1:" + door.port())
        .contains("forwarded=for=127.0.0.1;proto=http;host=\"127.0.0.1:" + door.port() + "\"")
        .contains(
            "via=1.0 before",
            "via=1.1 tidegate",
            "x-request-id=request-1",
            "authorization=Bearer t")
        .contains("traceparent=00-0af7651916cd43dd8448eb211c80319c-")
        .doesNotContain(
            "b7ad6b7169203331", "x-gone", "6.6.6.6", "proxy-authorization", "te=gzip", "x-real-ip");
    assertThat(answer.headers().map())
        .containsEntry("via", List.of("1.1 tidegate"))
        .containsEntry("x-out", List.of("o"))
        .containsEntry("x-request-id", List.of("request-1"))
        .containsEntry("traceparent", List.of(Door.TRACEPARENT))
        .doesNotContainKeys("x-secret", "x-private");
  }

  @Test
  void aTrustedProxysWordIsAddedTo() throws Exception {
    Door door =
        openTo(
            "forward-authorization: false",
            request -> request.response().end(request.headers().toString()));
    door.trusted = true;
    String seen =
        get(
                door,
                "/",
                "x-forwarded-for",
                "9.9.9.9",
                "x-forwarded-proto",
                "https",
                "forwarded",
                "for=9.9.9.9",
                "authorization",
                "secret")
            .body();
    assertThat(seen)
        .contains(
            "x-forwarded-for=9.9.9.9, 127.0.0.1",
            "x-forwarded-proto=https",
            "forwarded=for=9.9.9.9, for=127.0.0.1;")
        .doesNotContain("secret");
  }

  @Test
  void answersWithoutBodiesStayWithout() throws Exception {
    Door door =
        openTo(
            "",
            request -> {
              switch (request.path()) {
                case "/204" -> request.response().setStatusCode(204).end();
                case "/304" ->
                    request.response().setStatusCode(304).putHeader("etag", "\"x\"").end();
                default ->
                    request
                        .response()
                        .putHeader("content-length", "7")
                        .end(request.method().name().equals("HEAD") ? "" : "content");
              }
            });
    String head =
        raw(
            door,
            "HEAD /x HTTP/1.1\r\nHost: a\r\n\r\nGET /204 HTTP/1.1\r\nHost: a\r\n\r\nGET /304 HTTP/1.1\r\nHost: a\r\n\r\nGET /x HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    assertThat(head.split("HTTP/1.1 ")).hasSize(5);
    assertThat(head)
        .contains("200 OK", "204 No Content", "304 Not Modified")
        .endsWith("\r\n\r\ncontent");
    assertThat(head.substring(0, head.indexOf("204")))
        .containsIgnoringCase("content-length: 7")
        .doesNotContain("content\r\n\r\nc");
    assertThat(door.failures).isEmpty();
  }

  @Test
  void expectContinueIsAnsweredWhenThereIsSomebodyToSendTo() throws Exception {
    Door door =
        openTo(
            "", request -> request.body().onSuccess(body -> request.response().end("got " + body)));
    try (Socket socket = RawServer.connect(door.port())) {
      RawServer.write(
          socket,
          "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n");
      assertThat(RawServer.head(socket.getInputStream())).startsWith("HTTP/1.1 100");
      RawServer.write(socket, "abc");
      assertThat(RawServer.head(socket.getInputStream())).startsWith("HTTP/1.1 200");
    }
  }

  @Test
  void bothLengthsInOneRequestAreReadAsChunkedOrRefused() throws Exception {
    List<String> seen = new CopyOnWriteArrayList<>();
    Door door =
        openTo(
            "",
            request ->
                request
                    .body()
                    .onSuccess(
                        body -> {
                          seen.add(
                              request.uri()
                                  + " "
                                  + body
                                  + " "
                                  + request.getHeader("content-length"));
                          request.response().end("ok");
                        }));
    String answer =
        raw(
            door,
            """
            POST /one HTTP/1.1
            Host: a
            Content-Length: 40
            Transfer-Encoding: chunked
            Connection: close

            3
            abc
            0

            GET /smuggled HTTP/1.1
            Host: a

            """
                .replace("\n", "\r\n"));
    assertThat(answer).startsWith("HTTP/1.1 ");
    assertThat(seen).allSatisfy(one -> assertThat(one).isEqualTo("/one abc null"));
  }

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
        door.close();
        this.door = null;
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

  private static int status(Door door) {
    try {
      return get(door, "/").statusCode();
    } catch (Exception e) {
      throw new AssertionError(e);
    }
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

  private static double breaker(Door door) {
    return door.meters.get("tidegate.routing.breaker").gauge().value();
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

  @Test
  void unhealthyEndpointsAreLeftOut() throws Exception {
    AtomicInteger health = new AtomicInteger(500);
    Door door = open("", "", 1);
    HttpServer server =
        upstream(
            door,
            request ->
                request
                    .response()
                    .setStatusCode(request.path().equals("/health") ? health.get() : 200)
                    .end());
    door.reload(
        yaml(
            "health-check: {path: /health, interval: 50ms, failures: 2, successes: 2}",
            "",
            server.actualPort()));
    Door.until("it to be out", () -> status(door) == 503);
    assertThat(door.failures.getLast().failure()).isEqualTo(Failure.NO_ENDPOINT);
    health.set(204);
    Door.until("it to be in", () -> status(door) == 200);
  }

  @Test
  void aCustomerKeepsItsEndpoint() throws Exception {
    Door door = open("", "", 1);
    HttpServer one = upstream(door, request -> request.response().end("one"));
    HttpServer two = upstream(door, request -> request.response().end("two"));
    door.reload(yaml("balance: customer-hash", "", one.actualPort(), two.actualPort()));
    List<String> answers = new CopyOnWriteArrayList<>();
    for (int i = 0; i < 20; i++) {
      door.customer = "c" + i;
      String first = get(door, "/").body();
      assertThat(get(door, "/").body()).isEqualTo(first);
      answers.add(first);
    }
    assertThat(answers).contains("one", "two");
  }
}
