package io.tidegate.edge;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidegate.edge.RawClient.Answer;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Bodies and heads that are too large, too slow, or no HTTP, and what HTTP lets a client do. */
class ProtocolIT {
  private static final String TRACK = "{\"userId\":\"42\",\"event\":\"Product Viewed\"}";
  private static final HttpClient HTTP =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private static TestEdge edge;

  @BeforeAll
  static void start() {
    edge = new TestEdge(Map.of("edge.body-timeout", "2s"));
  }

  @AfterAll
  static void stop() {
    edge.close();
  }

  @Test
  void aBodyThatIsTooLargeIsRefusedEarly() throws Exception {
    try (RawClient raw = edge.raw()) {
      Answer declared = raw.send(head("/v1/batch", "Content-Length: 600000")).read();
      assertThat(declared.status()).isEqualTo(413);
      assertThat(declared.header("connection")).isEqualTo("close");
      assertThat(raw.isClosed()).isTrue();
    }
    try (RawClient raw = edge.raw()) {
      raw.send(head("/v1/batch", "Transfer-Encoding: chunked"));
      byte[] chunk = ("8000\r\n" + "x".repeat(0x8000) + "\r\n").getBytes(StandardCharsets.US_ASCII);
      for (int i = 0; i < 17; i++) {
        raw.send(chunk);
      }
      assertThat(raw.read().status()).isEqualTo(413);
      assertThat(raw.isClosed()).isTrue();
    }
  }

  @Test
  void aZipBombIsRefused() throws Exception {
    HttpRequest bomb =
        ingest("/v1/batch")
            .header("content-encoding", "gzip")
            .POST(BodyPublishers.ofByteArray(GunzipTest.zip(new byte[100 << 20])))
            .build();
    assertThat(send(bomb).statusCode()).isEqualTo(413);
    HttpRequest broken =
        ingest("/v1/batch")
            .header("content-encoding", "gzip")
            .POST(BodyPublishers.ofString(TRACK))
            .build();
    assertThat(send(broken).statusCode()).isEqualTo(400);
    HttpRequest other =
        ingest("/v1/batch")
            .header("content-encoding", "br")
            .POST(BodyPublishers.ofString(TRACK))
            .build();
    HttpResponse<String> answer = send(other);
    assertThat(answer.statusCode()).isEqualTo(415);
    assertThat(header(answer, "accept-encoding")).isEqualTo("gzip");
  }

  @Test
  void aHalfSentBodyTimesOut() throws Exception {
    try (RawClient raw = edge.raw()) {
      Answer answer = raw.send(head("/v1/track", "Content-Length: 100") + "{\"half\":").read();
      assertThat(answer.status()).isEqualTo(408);
      assertThat(raw.isClosed()).isTrue();
    }
  }

  @Test
  void aHalfSentHeadIsClosed() throws Exception {
    try (TestEdge own = new TestEdge(Map.of("edge.head-timeout", "1s", "edge.keep-alive", "1s"))) {
      try (RawClient half = own.raw();
          RawClient silent = own.raw()) {
        assertThat(half.send("GET /v1/track HT").isClosed()).isTrue();
        assertThat(silent.isClosed()).isTrue();
      }
      try (RawClient later = own.raw()) {
        assertThat(later.send("OPTIONS /v1/track HTTP/1.1\r\nHost: x\r\n\r\n").read().status())
            .isEqualTo(204);
        assertThat(later.send("POST /v1/tra").isClosed()).isTrue();
      }
    }
  }

  @Test
  void aClientThatHangsUpIsCountedOut() throws Exception {
    try (RawClient raw = edge.raw()) {
      raw.send(head("/v1/track", "Content-Length: 100") + "{\"half\":");
      EdgeIT.eventually(() -> edge.load.inFlight() > 0);
    }
    EdgeIT.eventually(() -> edge.load.inFlight() == 0);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "GET / HTTP/1.1\\r\\n\\r\\n|400",
        "GET / HTTP/1.1\\r\\nHost: a\\r\\nHost: b\\r\\n\\r\\n|400",
        "GET / HTTP/9.9\\r\\nHost: a\\r\\n\\r\\n|400,404,501",
        "GET\\r\\n\\r\\n|400",
        "GET / HTTP/1.1\\r\\nHost: a\\r\\nBad Header: x\\r\\n\\r\\n|400",
        "GET / HTTP/1.1\\r\\nHost: a\\r\\nNoColon\\r\\n\\r\\n|400",
        "POST /v1/track HTTP/1.1\\r\\nHost: a\\r\\nContent-Length: abc\\r\\n\\r\\n|400,0",
        "POST /v1/track HTTP/1.1\\r\\nHost: a\\r\\nContent-Length: 1\\r\\nContent-Length: 2\\r\\n\\r\\nx|400,0",
        "POST /v1/track HTTP/1.1\\r\\nHost: a\\r\\nContent-Length: -1\\r\\n\\r\\n|400,401,0",
        "GET / HTTP/1.1\\r\\nHost: a\\r\\nX: \\u0000\\r\\n\\r\\n|400"
      })
  void refusesWhatIsNoHttp(String request, String statuses) throws Exception {
    try (RawClient raw = edge.raw()) {
      Answer answer =
          raw.send(request.replace("\\r\\n", "\r\n").replace("\\u0000", "\u0000"))
              .shutdownOutput()
              .read();
      assertThat(statuses.split(",")).contains(Integer.toString(answer.status()));
    }
    assertThat(post("/v1/track", TRACK).statusCode()).isEqualTo(200);
  }

  @Test
  void headsAreBounded() throws Exception {
    try (RawClient raw = edge.raw()) {
      Answer answer = raw.send("GET /" + "x".repeat(9_000) + " HTTP/1.1\r\nHost: a\r\n\r\n").read();
      assertThat(answer.status()).isEqualTo(414);
      assertThat(answer.header("content-type")).isEqualTo("application/problem+json");
      assertThat(raw.isClosed()).isTrue();
    }
    try (RawClient raw = edge.raw()) {
      Answer answer =
          raw.send("GET / HTTP/1.1\r\nHost: a\r\nX: " + "x".repeat(17_000) + "\r\n\r\n").read();
      assertThat(answer.status()).isEqualTo(431);
      assertThat(answer.header("x-request-id")).isNotNull();
      assertThat(raw.isClosed()).isTrue();
    }
  }

  @Test
  void pipelinedRequestsAreAnsweredInOrder() throws Exception {
    try (RawClient raw = edge.raw()) {
      StringBuilder many = new StringBuilder();
      for (int i = 0; i < 20; i++) {
        many.append("POST /v1/track HTTP/1.1\r\nHost: x\r\nX-Request-Id: p-").append(i);
        many.append("\r\nAuthorization: ").append(i % 3 == 0 ? "Basic x" : TestEdge.basic());
        many.append("\r\nContent-Length: ").append(TRACK.length()).append("\r\n\r\n").append(TRACK);
      }
      raw.send(many.toString());
      for (int i = 0; i < 20; i++) {
        Answer answer = raw.read();
        assertThat(answer.header("x-request-id")).isEqualTo("p-" + i);
        assertThat(answer.status()).isEqualTo(i % 3 == 0 ? 401 : 200);
      }
    }
  }

  @Test
  void expectContinueIsAnsweredOnceTheCallerIsKnown() throws Exception {
    String expecting = "Content-Length: " + TRACK.length() + "\r\nExpect: 100-continue";
    try (RawClient raw = edge.raw()) {
      assertThat(raw.send(head("/v1/track", expecting)).read().status()).isEqualTo(100);
      assertThat(raw.send(TRACK).read().status()).isEqualTo(200);
    }
    try (RawClient raw = edge.raw()) {
      Answer refused =
          raw.send(
                  "POST /v1/track HTTP/1.1\r\nHost: x\r\nAuthorization: Basic bm9ib2R5Og==\r\n"
                      + expecting
                      + "\r\n\r\n")
              .read();
      assertThat(refused.status()).isEqualTo(401);
      assertThat(raw.isClosed()).isTrue();
    }
  }

  @Test
  void aRefusedSmallBodyLeavesTheConnectionUsable() throws Exception {
    try (RawClient raw = edge.raw()) {
      raw.send("POST /v1/track HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n12345");
      assertThat(raw.read().status()).isEqualTo(401);
      assertThat(raw.send("OPTIONS /v1/track HTTP/1.1\r\nHost: x\r\n\r\n").read().status())
          .isEqualTo(204);
    }
  }

  @Test
  void http2UpgradesInClearText() throws Exception {
    HttpClient http2 = HttpClient.newBuilder().version(HttpClient.Version.HTTP_2).build();
    HttpResponse<String> answer =
        http2.send(
            profile("42", TestEdge.bearer("42", "customer")).build(), BodyHandlers.ofString());
    assertThat(answer.version()).isEqualTo(HttpClient.Version.HTTP_2);
    assertThat(answer.statusCode()).isEqualTo(200);
    HttpResponse<String> refused =
        http2.send(
            HttpRequest.newBuilder(edge.uri("/v1/batch"))
                .header("authorization", "Basic bm9ib2R5Og==")
                .POST(BodyPublishers.ofString("x".repeat(600_000)))
                .build(),
            BodyHandlers.ofString());
    assertThat(refused.statusCode()).isEqualTo(401);
    for (String body : List.of(TRACK, TRACK.replace("{", "{\"writeKey\":\"k3y\","))) {
      HttpRequest.Builder taken =
          body.equals(TRACK) ? ingest("/v1/track") : HttpRequest.newBuilder(edge.uri("/v1/track"));
      HttpResponse<String> whole =
          http2.send(taken.POST(BodyPublishers.ofString(body)).build(), BodyHandlers.ofString());
      assertThat(whole.statusCode()).as(whole.body()).isEqualTo(200);
    }
    assertThat(edge.registry.get("tidegate.edge.unexpected").counter().count()).isZero();
    HttpResponse<String> large =
        http2.send(
            ingest("/v1/batch").POST(BodyPublishers.ofString("x".repeat(600_000))).build(),
            BodyHandlers.ofString());
    assertThat(large.statusCode()).isEqualTo(413);
  }

  private static String head(String path, String more) {
    return "POST "
        + path
        + " HTTP/1.1\r\nHost: x\r\nAuthorization: "
        + TestEdge.basic()
        + "\r\n"
        + more
        + "\r\n\r\n";
  }

  private static HttpRequest.Builder ingest(String path) {
    return HttpRequest.newBuilder(edge.uri(path)).header("authorization", TestEdge.basic());
  }

  private static HttpRequest.Builder profile(String id, String authorization) {
    return HttpRequest.newBuilder(edge.uri("/v1/customers/" + id + "/profile"))
        .header("authorization", authorization);
  }

  private static HttpResponse<String> post(String path, String body) throws Exception {
    return send(ingest(path).POST(BodyPublishers.ofString(body)).build());
  }

  private static HttpResponse<String> send(HttpRequest request)
      throws IOException, InterruptedException {
    return HTTP.send(request, BodyHandlers.ofString());
  }

  private static String header(HttpResponse<?> answer, String name) {
    return answer.headers().firstValue(name).orElse(null);
  }
}
