package io.tidegate.edge;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What Segment's SDKs send apart from the specification: their paths, and the write key in the
 * body.
 */
class SegmentFormsIT {
  private static final HttpClient HTTP =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private static final String BATCH =
      "{\"batch\":[{\"type\":\"track\",\"userId\":\"7\",\"event\":\"A\"}],\"writeKey\":\"k3y\"}";
  private static TestEdge edge;

  @BeforeAll
  static void start() {
    edge = new TestEdge(Map.of("edge.body-timeout", "1s"));
  }

  @AfterAll
  static void stop() {
    edge.close();
  }

  @ParameterizedTest
  @CsvSource({"t,track", "i,identify", "p,page", "s,screen", "g,group", "a,alias", "track/,track"})
  void singleEventsHaveShortPaths(String path, String type) throws Exception {
    String body =
        "{\"userId\":\"7\",\"event\":\"E\",\"groupId\":\"g\",\"previousId\":\"p\",\"writeKey\":\"k3y\"}";
    int before = edge.log.size();
    HttpResponse<String> answer = send("/v1/" + path, body);
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    assertThat(edge.log).hasSize(before + 1);
    assertThat(edge.log.getLast().getType()).isEqualTo(type);
    assertThat(edge.log.getLast().getSource()).isEqualTo("shop");
    assertThat(edge.log.getLast().getData().toStringUtf8()).doesNotContain("k3y");
  }

  @ParameterizedTest
  @ValueSource(strings = {"/v1/import/", "/v1/import", "/v1/b", "/v1/batch", "/v1/batch/"})
  void batchesNameTheKeyInTheBody(String path) throws Exception {
    int before = edge.log.size();
    HttpResponse<String> answer = send(path, BATCH);
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    assertThat(edge.log).hasSize(before + 1);
    assertThat(edge.log.getLast().getSource()).isEqualTo("shop");
  }

  @Test
  void zippedInChunksAsPlainText() throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(edge.uri("/v1/b"))
            .header("content-type", "text/plain")
            .header("content-encoding", "gzip")
            .POST(
                BodyPublishers.fromPublisher(
                    BodyPublishers.ofByteArray(
                        GunzipTest.zip(BATCH.getBytes(StandardCharsets.UTF_8)))))
            .build();
    assertThat(HTTP.send(request, BodyHandlers.ofString()).statusCode()).isEqualTo(200);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"batch\":[],\"writeKey\":\"stolen\"}|write key: unknown",
        "{\"batch\":[],\"writeKey\":7}|write key: absent",
        "{\"batch\":[{\"writeKey\":\"k3y\"}]}|write key: absent",
        "[\"writeKey\",\"k3y\"]|write key: absent",
        "{\"batch\":|write key: absent",
      })
  void withoutAKeyThatIsKnownItIs401(String body, String detail) throws Exception {
    HttpResponse<String> answer = send("/v1/batch", body);
    assertThat(answer.statusCode()).isEqualTo(401);
    assertThat(answer.headers().firstValue("www-authenticate")).isPresent();
    assertThat(new JsonObject(answer.body()).getString("detail"))
        .startsWith(detail)
        .doesNotContain("stolen");
  }

  @Test
  void theHeaderWinsOverTheBody() throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(edge.uri("/v1/batch")).POST(BodyPublishers.ofString(BATCH));
    assertThat(
            HTTP.send(
                    request.header("authorization", "Basic c3RvbGVuOg==").build(),
                    BodyHandlers.ofString())
                .statusCode())
        .isEqualTo(401);
  }

  @Test
  void aBodyIsBoundedBeforeTheKeyIsKnown() throws Exception {
    assertThat(send("/v1/batch", " ".repeat(600 * 1024)).statusCode()).isEqualTo(413);
    try (RawClient client = edge.raw()) {
      client.send("POST /v1/batch HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\n{\"wri");
      assertThat(client.read().status()).isEqualTo(408);
    }
  }

  @Test
  void theSettingsOfAKnownKeySendTheSdkHere() throws Exception {
    HttpResponse<String> answer =
        HTTP.send(
            HttpRequest.newBuilder(edge.uri("/v1/projects/k3y/settings"))
                .header("origin", "https://shop.example.com")
                .build(),
            BodyHandlers.ofString());
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.headers().firstValue("access-control-allow-origin")).hasValue("*");
    JsonObject settings = new JsonObject(answer.body());
    JsonObject ours = settings.getJsonObject("integrations").getJsonObject("Segment.io");
    assertThat(settings.getJsonObject("integrations").size()).isEqualTo(1);
    assertThat(ours.getString("apiKey")).isEqualTo("k3y");
    assertThat(ours.getString("apiHost")).isEqualTo("127.0.0.1:" + edge.port + "/v1");
    assertThat(ours.getString("protocol")).isEqualTo("http");
    HttpResponse<String> sent =
        HTTP.send(
            HttpRequest.newBuilder(
                    URI.create(
                        ours.getString("protocol") + "://" + ours.getString("apiHost") + "/t"))
                .header("content-type", "text/plain")
                .POST(
                    BodyPublishers.ofString(
                        "{\"userId\":\"7\",\"event\":\"E\",\"writeKey\":\""
                            + ours.getString("apiKey")
                            + "\"}"))
                .build(),
            BodyHandlers.ofString());
    assertThat(sent.statusCode()).isEqualTo(200);
  }

  @ParameterizedTest
  @CsvSource({
    "GET,/v1/projects/stolen/settings,404",
    "POST,/v1/projects/k3y/settings,405",
    "OPTIONS,/v1/projects/k3y/settings,204",
    "GET,/v1/projects/settings,404",
    "GET,/v1/projects/k3y/more/settings,404"
  })
  void otherSettingsAreNotThere(String method, String path, int status) throws Exception {
    HttpResponse<String> answer =
        HTTP.send(
            HttpRequest.newBuilder(edge.uri(path)).method(method, BodyPublishers.noBody()).build(),
            BodyHandlers.ofString());
    assertThat(answer.statusCode()).isEqualTo(status);
    if (status == 404) {
      assertThat(answer.headers().firstValue("content-type")).hasValue("application/problem+json");
      assertThat(answer.body()).doesNotContain("stolen");
    }
  }

  private static HttpResponse<String> send(String path, String body) throws Exception {
    return HTTP.send(
        HttpRequest.newBuilder(edge.uri(path))
            .header("content-type", "application/json; charset=UTF-8")
            .POST(BodyPublishers.ofString(body))
            .build(),
        BodyHandlers.ofString());
  }
}
