package io.tidegate.edge;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidegate.edge.RawClient.Answer;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Heads and bodies that two readers could cut differently: refused, and nothing after them read.
 */
class FramingIT {
  private static final String TRACK = "{\"userId\":\"42\",\"event\":\"Hidden\"}";
  private static final String CHUNKED =
      Integer.toHexString(TRACK.length()) + "\r\n" + TRACK + "\r\n0\r\n\r\n";
  private static Vertx vertx;
  private static TestEdge edge;

  @BeforeAll
  static void start() {
    vertx = Vertx.vertx();
    HttpServer upstream =
        TestEdge.await(
            vertx
                .createHttpServer()
                .requestHandler(
                    request ->
                        request.endHandler(
                            end -> {
                              var unused = request.response().end();
                            }))
                .listen(0, "127.0.0.1"));
    edge =
        new TestEdge(
            Map.of("edge.body-timeout", "2s"),
            """
            upstreams:
              up:
                endpoints:
                  - http://127.0.0.1:%d
            routes:
              all:
                path: /all/*
                upstream: up
                auth: none
            """
                .formatted(upstream.actualPort()));
  }

  @AfterAll
  static void stop() throws Exception {
    edge.close();
    vertx.close().await(20, TimeUnit.SECONDS);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "HTTP/1.1|Transfer-Encoding: xchunked",
        "HTTP/1.1|Transfer-Encoding: \"chunked\"",
        "HTTP/1.1|Transfer-Encoding: identity",
        "HTTP/1.1|Transfer-Encoding: gzip",
        "HTTP/1.1|Transfer-Encoding:",
        "HTTP/1.1|Transfer-Encoding: chunked, gzip",
        "HTTP/1.1|Transfer-Encoding: gzip, chunked",
        "HTTP/1.1|Transfer-Encoding: chunked, chunked",
        "HTTP/1.1|Transfer-Encoding: \u000bchunked",
        "HTTP/1.1|Transfer-Encoding: chunked|Transfer-Encoding: chunked",
        "HTTP/1.1|Transfer-Encoding: chunked|Transfer-Encoding: foo",
        "HTTP/1.1|Transfer-Encoding: identity|Transfer-Encoding: foo",
        "HTTP/1.1|Transfer-Encoding: chunked|Content-Length: 4",
        "HTTP/1.1|Content-Length: 4|transfer-encoding: Chunked",
        "HTTP/1.1|Transfer-Encoding: xchunked|Content-Length: 4",
        "HTTP/1.1|Transfer-Encoding: xchunked|Upgrade: h2c|Connection: Upgrade, HTTP2-Settings"
            + "|HTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA",
        "HTTP/1.0|Transfer-Encoding: chunked|Connection: keep-alive",
        "HTTP/1.0|Transfer-Encoding: chunked|Content-Length: 4|Connection: keep-alive",
        "HTTP/1.1|: b"
      })
  void nothingIsReadAfterABrokenHead(String head) throws Exception {
    for (String path : new String[] {"/v1/track", "/all/x"}) {
      for (boolean first : new boolean[] {true, false}) {
        try (RawClient raw = edge.raw()) {
          if (!first) {
            assertThat(raw.send(post("/v1/track", chunked())).read().status()).isEqualTo(200);
          }
          int before = edge.log.size();
          String hidden = post("/v1/track", chunked());
          raw.send(
              "POST " + path + " " + head.replace("|", "\r\n") + "\r\n" + known() + "\r\n\r\n");
          raw.send(CHUNKED + hidden + hidden);
          assertRefusedAndClosed(raw);
          assertThat(edge.log).hasSize(before);
        }
      }
    }
    EdgeIT.eventually(() -> edge.load.inFlight() == 0);
  }

  @Test
  void plainChunkedIsTaken() throws Exception {
    try (RawClient raw = edge.raw()) {
      for (int i = 0; i < 3; i++) {
        assertThat(raw.send(post("/v1/track", chunked())).read().status()).isEqualTo(200);
      }
      String spelled = "Transfer-Encoding:  ChunKED \r\n\r\n" + CHUNKED;
      assertThat(raw.send(post("/v1/track", spelled)).read().status()).isEqualTo(200);
      assertThat(raw.send(post("/all/x", chunked())).read().status()).isEqualTo(200);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Connection: Upgrade, HTTP2-Settings|HTTP2-Settings: !!!!",
        "Connection: Upgrade, HTTP2-Settings|HTTP2-Settings: AAMAAABk|HTTP2-Settings: AAMAAABk",
        "Connection: Upgrade, HTTP2-Settings|HTTP2-Settings: AAMAAA",
        "Connection: Upgrade, HTTP2-Settings|HTTP2-Settings: AAX___8A",
        "Connection: Upgrade, HTTP2-Settings",
        "Connection: Upgrade|HTTP2-Settings: AAMAAABk"
      })
  void anUpgradeThatIsNoneIsRefused(String fields) throws Exception {
    try (RawClient raw = edge.raw()) {
      raw.send(post("/v1/track", "Upgrade: h2c\r\n" + fields.replace("|", "\r\n") + "\r\n\r\n"));
      assertRefusedAndClosed(raw);
    }
  }

  @ParameterizedTest
  @CsvSource({"0x3", "-3", "xyz", "fffffffffffffffff"})
  void aBrokenChunkIsAnswered(String size) throws Exception {
    String withoutKey = "POST /v1/track HTTP/1.1\r\nHost: x\r\n";
    for (String head :
        new String[] {
          "POST /v1/track HTTP/1.1\r\n" + known() + "\r\n",
          "POST /all/x HTTP/1.1\r\n" + known() + "\r\n",
          withoutKey
        }) {
      for (String good : new String[] {"", "1\r\n{\r\n"}) {
        try (RawClient raw = edge.raw()) {
          raw.send(
              head
                  + "Transfer-Encoding: chunked\r\n\r\n"
                  + good
                  + size
                  + "\r\nabc\r\n0\r\n\r\n"
                  + post("/v1/track", chunked()));
          assertRefusedAndClosed(raw);
        } catch (AssertionError e) {
          throw new AssertionError(head + good, e);
        }
      }
    }
    EdgeIT.eventually(() -> edge.load.inFlight() == 0);
  }

  @Test
  void expectIsIgnoredBeforeHttp11() throws Exception {
    try (RawClient raw = edge.raw()) {
      String rest =
          "Expect: 100-continue\r\nContent-Length: " + TRACK.length() + "\r\n\r\n" + TRACK;
      raw.send("POST /v1/track HTTP/1.0\r\n" + known() + "\r\n" + rest);
      assertThat(raw.read().status()).isEqualTo(200);
    }
  }

  private static void assertRefusedAndClosed(RawClient raw) throws Exception {
    Answer answer = raw.read();
    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.header("content-type")).isEqualTo("application/problem+json");
    assertThat(answer.header("connection")).isEqualTo("close");
    assertThat(answer.header("x-request-id")).isNotBlank();
    assertThat(answer.body()).contains("expected: ");
    assertThat(raw.read().status()).as("no second answer").isZero();
  }

  private static String known() {
    return "Host: x\r\nAuthorization: " + TestEdge.basic();
  }

  private static String chunked() {
    return "Transfer-Encoding: chunked\r\n\r\n" + CHUNKED;
  }

  private static String post(String path, String rest) {
    return "POST " + path + " HTTP/1.1\r\n" + known() + "\r\n" + rest;
  }
}
