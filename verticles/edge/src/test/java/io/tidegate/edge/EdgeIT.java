package io.tidegate.edge;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidegate.edge.RawClient.Answer;
import io.tidegate.edge.auth.TestTokens;
import io.vertx.core.Promise;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import org.jose4j.jwt.JwtClaims;
import org.jose4j.jwt.NumericDate;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EdgeIT {
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

  @ParameterizedTest
  @ValueSource(strings = {"track", "identify", "page", "screen", "group", "alias"})
  void takesAnEvent(String kind) throws Exception {
    int before = edge.log.size();
    String body =
        "{\"userId\":\"42\",\"event\":\"E\",\"groupId\":\"g\",\"previousId\":\"p\",\"name\":\"n\",\"traits\":{}}";
    HttpResponse<String> answer = post("/v1/" + kind, body);
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    assertThat(answer.body()).isEqualTo("{\"success\":true}");
    assertThat(header(answer, "content-type")).isEqualTo("application/json");
    assertThat(edge.log.size()).isEqualTo(before + 1);
    assertThat(edge.log.getLast().getSource()).isEqualTo("shop");
    assertThat(edge.log.getLast().getType()).isEqualTo(kind);
  }

  @Test
  void takesABatchInPlainTextAndZipped() throws Exception {
    int before = edge.log.size();
    String batch =
        "{\"batch\":[{\"type\":\"track\",\"userId\":\"42\",\"event\":\"A\"},{\"type\":\"track\",\"userId\":\"42\",\"event\":\"B\"}]}";
    HttpRequest zipped =
        ingest("/v1/batch")
            .header("content-encoding", "gzip")
            .POST(
                BodyPublishers.ofByteArray(GunzipTest.zip(batch.getBytes(StandardCharsets.UTF_8))))
            .build();
    assertThat(send(zipped).statusCode()).isEqualTo(200);
    HttpRequest plain =
        ingest("/v1/batch")
            .header("content-type", "text/plain")
            .POST(BodyPublishers.ofString(batch))
            .build();
    assertThat(send(plain).statusCode()).isEqualTo(200);
    assertThat(edge.log.size()).isEqualTo(before + 4);
  }

  @Test
  void theRequestIdComesBackAndGoesOn() throws Exception {
    HttpRequest request =
        ingest("/v1/track")
            .header("x-request-id", "my-id-1")
            .header("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")
            .POST(BodyPublishers.ofString(TRACK))
            .build();
    assertThat(header(send(request), "x-request-id")).isEqualTo("my-id-1");
    assertThat(edge.log.getLast().getRequestId()).isEqualTo("my-id-1");
    assertThat(edge.log.getLast().getTraceparent()).contains("4bf92f3577b34da6a3ce929d0e0e4736");
    HttpResponse<String> made = post("/v1/track", TRACK);
    assertThat(Traces.isSaneId(header(made, "x-request-id"))).isTrue();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "{|400|bad-request",
        "[]|400|bad-request",
        "~~|400|bad-request",
        "{\"event\":\"x\"}|400|invalid-event",
        "{\"userId\":[],\"event\":\"x\"}|400|invalid-event",
        "{\"userId\":\"42\"}|400|invalid-event"
      })
  void refusesMalformedEvents(String body, int status, String problem) throws Exception {
    HttpResponse<String> answer = post("/v1/track", body == null ? "" : body);
    assertThat(answer.statusCode()).isEqualTo(status);
    assertThat(header(answer, "content-type")).isEqualTo("application/problem+json");
    JsonObject document = new JsonObject(answer.body());
    assertThat(document.getString("type")).isEqualTo("urn:tidegate:problem:" + problem);
    assertThat(document.getInteger("status")).isEqualTo(status);
    assertThat(document.getString("instance")).isEqualTo(header(answer, "x-request-id"));
  }

  @Test
  void saysWhenTheLogIsLostAndRecovers() throws Exception {
    edge.logDown = true;
    try {
      HttpResponse<String> answer = post("/v1/track", TRACK);
      assertThat(answer.statusCode()).isEqualTo(503);
      assertThat(header(answer, "retry-after")).isNotNull();
    } finally {
      edge.logDown = false;
    }
    assertThat(post("/v1/track", TRACK).statusCode()).isEqualTo(200);
  }

  @Test
  void anUnknownWriteKeyIsChallenged() throws Exception {
    for (String authorization : List.of("Basic bm9ib2R5Og==", "Bearer x", "Basic ???")) {
      HttpRequest request =
          HttpRequest.newBuilder(edge.uri("/v1/track"))
              .header("authorization", authorization)
              .POST(BodyPublishers.ofString(TRACK))
              .build();
      HttpResponse<String> answer = send(request);
      assertThat(answer.statusCode()).isEqualTo(401);
      assertThat(header(answer, "www-authenticate")).startsWith("Basic realm=\"tidegate\"");
      assertThat(new JsonObject(answer.body()).getString("type"))
          .isEqualTo("urn:tidegate:problem:unknown-write-key");
    }
  }

  @Test
  void readsAProfileAndTellsTheCache() throws Exception {
    HttpRequest request = profile("42", TestEdge.bearer("42", "customer")).build();
    send(request);
    HttpResponse<String> answer = send(request);
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.body()).isEqualTo(edge.profiles.get("42"));
    assertThat(header(answer, "cache-status")).isEqualTo("tidegate; hit; detail=process");
    assertThat(header(answer, "cache-control")).isEqualTo("private, no-cache");
    String etag = header(answer, "etag");
    HttpResponse<String> again =
        send(profile("42", TestEdge.bearer("7", "agent")).header("if-none-match", etag).build());
    assertThat(again.statusCode()).isEqualTo(304);
    assertThat(again.body()).isEmpty();
    assertThat(header(again, "etag")).isEqualTo(etag);
  }

  @Test
  void headOfAProfileHasItsLengthAndNoBody() throws Exception {
    try (RawClient raw = edge.raw()) {
      Answer head =
          raw.send(
                  "HEAD /v1/customers/42/profile HTTP/1.1\r\nHost: x\r\nAuthorization: "
                      + TestEdge.bearer("42", "customer")
                      + "\r\n\r\n")
              .readHead();
      assertThat(head.status()).isEqualTo(200);
      assertThat(head.header("content-length"))
          .isEqualTo(Integer.toString(edge.profiles.get("42").length()));
      assertThat(raw.send("OPTIONS /v1/track HTTP/1.1\r\nHost: x\r\n\r\n").read().status())
          .isEqualTo(204);
    }
  }

  @Test
  void nobodyIsNotFound() throws Exception {
    HttpResponse<String> answer =
        send(profile("nobody%2Fhere", TestEdge.bearer("a", "admin")).build());
    assertThat(answer.statusCode()).isEqualTo(404);
    assertThat(new JsonObject(answer.body()).getString("detail")).contains("nobody/here");
  }

  @Test
  void aCustomerReadsOnlyItself() throws Exception {
    assertThat(send(profile("42", TestEdge.bearer("43", "customer")).build()).statusCode())
        .isEqualTo(403);
    for (String role : List.of("agent", "supervisor", "admin")) {
      assertThat(send(profile("42", TestEdge.bearer("43", role)).build()).statusCode())
          .isEqualTo(200);
    }
    assertThat(send(profile("42", TestEdge.bearer("42", "root")).build()).statusCode())
        .isEqualTo(403);
  }

  @Test
  void aTokenThatIsNotValidSaysWhy() throws Exception {
    JwtClaims expired = TestTokens.claims("42", "agent");
    expired.setExpirationTime(NumericDate.fromSeconds(1_000_000_000));
    HttpResponse<String> answer =
        send(profile("42", "Bearer " + TestTokens.sign(TestEdge.ISSUER.ec, expired)).build());
    assertThat(answer.statusCode()).isEqualTo(401);
    assertThat(header(answer, "www-authenticate"))
        .startsWith(
            "Bearer realm=\"tidegate\", error=\"invalid_token\", error_description=\"expired at 1000000000");
    HttpResponse<String> none =
        send(HttpRequest.newBuilder(edge.uri("/v1/customers/42/profile")).build());
    assertThat(none.statusCode()).isEqualTo(401);
    assertThat(header(none, "www-authenticate")).isEqualTo("Bearer realm=\"tidegate\"");
  }

  @Test
  void looksUpMany() throws Exception {
    edge.profiles.put("a\"b", "{\"id\":\"q\"}");
    HttpResponse<String> answer = lookup("{\"ids\":[\"42\",\"no\\\"body\",\"a\\\"b\"]}", "agent");
    assertThat(answer.statusCode()).isEqualTo(200);
    JsonObject found = new JsonObject(answer.body());
    assertThat(found.getJsonArray("profiles").size()).isEqualTo(2);
    assertThat(found.getJsonArray("missing").getString(0)).isEqualTo("no\"body");
    assertThat(lookup("{\"ids\":[]}", "agent").body())
        .isEqualTo("{\"profiles\":[],\"missing\":[]}");
    assertThat(lookup("{\"ids\":[\"43\"]}", "customer").statusCode()).isEqualTo(403);
    assertThat(lookup("{\"ids\":[\"42\"]}", "customer").statusCode()).isEqualTo(200);
    assertThat(lookup("{\"ids\":7}", "agent").statusCode()).isEqualTo(400);
    assertThat(lookup("{\"ids\":[\"" + "x".repeat(70_000) + "\"]}", "agent").statusCode())
        .isEqualTo(413);
  }

  @Test
  void erasesForSupervisorsAndAdmins() throws Exception {
    edge.profiles.put("gone", "{}");
    assertThat(erase("gone", "agent").statusCode()).isEqualTo(403);
    assertThat(erase("gone", "customer").statusCode()).isEqualTo(403);
    assertThat(erase("gone", "supervisor").statusCode()).isEqualTo(204);
    assertThat(erase("gone", "admin").statusCode()).isEqualTo(404);
    edge.profiles.put("gone", "{}");
    assertThat(erase("gone/profile", "agent").statusCode()).isEqualTo(403);
    assertThat(erase("gone/profile", "supervisor").statusCode()).isEqualTo(204);
    assertThat(edge.profiles).doesNotContainKey("gone");
  }

  @ParameterizedTest
  @CsvSource({
    "GET,/v1/track,405",
    "PUT,/v1/batch,405",
    "POST,/v1/customers/42/profile,405",
    "GET,/v1/customers/42,405",
    "GET,/v1/customers:lookup,405",
    "TRACE,/v1/nothing,405",
    "GET,/,404",
    "GET,/v1/unknown,404",
    "GET,/v1/customers/42/orders,404",
    "GET,/v1/customers/%zz/profile,400",
    "GET,/v1/customers//profile,400",
    "DELETE,/v1/customers/%zz/profile,400"
  })
  void saysWhatIsNotThere(String method, String path, int status) throws Exception {
    try (RawClient raw = edge.raw()) {
      Answer answer = raw.send(method + " " + path + " HTTP/1.1\r\nHost: x\r\n\r\n").read();
      assertThat(answer.status()).isEqualTo(status);
      assertThat(answer.header("x-request-id")).isNotNull();
      assertThat(answer.header("content-type")).isEqualTo("application/problem+json");
      assertThat(answer.header("allow") != null).isEqualTo(status == 405);
    }
  }

  @Test
  void browsersMayCall() throws Exception {
    HttpResponse<String> preflight =
        send(
            HttpRequest.newBuilder(edge.uri("/v1/batch"))
                .method("OPTIONS", BodyPublishers.noBody())
                .header("origin", "https://shop.example")
                .header("access-control-request-method", "POST")
                .header("access-control-request-headers", "authorization, X-Api-Version")
                .build());
    assertThat(preflight.statusCode()).isEqualTo(204);
    assertThat(header(preflight, "access-control-allow-origin")).isEqualTo("*");
    assertThat(header(preflight, "access-control-allow-methods")).contains("POST");
    assertThat(header(preflight, "access-control-allow-headers"))
        .contains("authorization")
        .contains("x-api-version");
    assertThat(header(preflight, "access-control-max-age")).isEqualTo("86400");
    HttpResponse<String> refused =
        send(
            HttpRequest.newBuilder(edge.uri("/v1/track"))
                .header("origin", "https://shop.example")
                .POST(BodyPublishers.ofString(TRACK))
                .build());
    assertThat(refused.statusCode()).isEqualTo(401);
    assertThat(header(refused, "access-control-allow-origin")).isEqualTo("*");
    assertThat(header(refused, "access-control-expose-headers")).contains("x-request-id");
  }

  @ParameterizedTest
  @ValueSource(strings = {"a b", "GET,POST", "\"GET\"", "G\u00e9T"})
  void aPreflightForNoMethodIsTheCallersFault(String method) throws Exception {
    try (RawClient raw = edge.raw()) {
      Answer answer =
          raw.send(
                  "OPTIONS /x HTTP/1.1\r\nHost: x\r\nOrigin: https://a.example\r\n"
                      + "Access-Control-Request-Method: "
                      + method
                      + "\r\n\r\n")
              .read();
      assertThat(answer.status()).isEqualTo(400);
      assertThat(answer.body()).contains("access-control-request-method");
    }
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
      eventually(() -> edge.load.inFlight() > 0);
    }
    eventually(() -> edge.load.inFlight() == 0);
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

  @Test
  void measuresWhatItDoes() throws Exception {
    post("/v1/track", TRACK);
    assertThat(
            edge.registry
                .get("tidegate.edge.requests")
                .tags("operation", "track", "status", "200")
                .timer()
                .count())
        .isPositive();
    send(HttpRequest.newBuilder(edge.uri("/v1/customers/42/profile")).build());
    assertThat(
            edge.registry
                .get("tidegate.edge.auth.failures")
                .tag("reason", "unauthenticated")
                .counter()
                .count())
        .isPositive();
    assertThat(edge.registry.get("tidegate.edge.token.keys").gauge().value()).isEqualTo(3);
  }

  @Test
  void drainsWhatIsUnderWayAndStops() throws Exception {
    try (TestEdge own = new TestEdge(Map.of());
        RawClient raw = own.raw();
        RawClient idle = own.raw()) {
      idle.send("OPTIONS /v1/track HTTP/1.1\r\nHost: x\r\n\r\n").read();
      own.logGate = Promise.promise();
      raw.send(head("/v1/track", "Content-Length: " + TRACK.length()) + TRACK);
      eventually(() -> !own.log.isEmpty());
      var stopped = own.undeploy();
      assertThat(idle.isClosed()).isTrue();
      own.logGate.complete();
      Answer answer = raw.read();
      assertThat(answer.status()).isEqualTo(200);
      assertThat(answer.header("connection")).isEqualTo("close");
      TestEdge.await(stopped);
      assertThat(raw.isClosed()).isTrue();
    }
  }

  static void eventually(BooleanSupplier condition) {
    long deadline = System.nanoTime() + Duration.ofSeconds(10).toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > deadline) {
        throw new AssertionError("did not come true within 10 s");
      }
      Thread.onSpinWait();
    }
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

  private static HttpResponse<String> erase(String id, String role) throws Exception {
    return send(
        HttpRequest.newBuilder(edge.uri("/v1/customers/" + id))
            .header("authorization", TestEdge.bearer(id, role))
            .DELETE()
            .build());
  }

  private static HttpResponse<String> lookup(String body, String role) throws Exception {
    return send(
        HttpRequest.newBuilder(edge.uri("/v1/customers:lookup"))
            .header("authorization", TestEdge.bearer("42", role))
            .POST(BodyPublishers.ofString(body))
            .build());
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
