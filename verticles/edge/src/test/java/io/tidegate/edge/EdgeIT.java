package io.tidegate.edge;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidegate.edge.RawClient.Answer;
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
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The gateway's own operations over HTTP, and how it starts and stops. */
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
  void measuresWhatItDoes() throws Exception {
    post("/v1/track", TRACK);
    // Counted once the answer is out, which its client may see before.
    eventually(
        () ->
            edge.registry
                    .find("tidegate.edge.requests")
                    .tags("operation", "track", "status", "200")
                    .timer()
                != null);
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
