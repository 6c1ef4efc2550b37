package io.tidegate.routing;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.http.HttpServer;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

/** What passes through, and how it looks on the other side. */
class ForwarderIT extends DoorTest {
  @Test
  void whatAClientSendsInUtf8OrWithTabsGoesOnAsItIs() throws Exception {
    String nick = new String("\u5c0f\u660e".getBytes(UTF_8), ISO_8859_1);
    List<String> heads = new CopyOnWriteArrayList<>();
    try (RawServer up =
        new RawServer(
            (socket, head) -> {
              heads.add(head);
              RawServer.write(
                  socket, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
            })) {
      Door door = open("", "", up.port());
      String answer =
          raw(
              door,
              "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nX-Nick: "
                  + nick
                  + "\r\nX-Tab: a\tb\r\nX-Empty:\r\n\r\n");
      assertThat(answer).startsWith("HTTP/1.1 200");
      assertThat(heads)
          .singleElement()
          .asString()
          .startsWith("GET / HTTP/1.1\r\n")
          .contains("\r\nX-Nick: " + nick + "\r\n", "\r\nX-Tab: a\tb\r\n", "\r\nX-Empty: \r\n");
    }
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
