package io.tidegate.devstack;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SampleUpstreamIT {
  private static final HttpClient CLIENT = HttpClient.newHttpClient();
  private static final SampleUpstream UPSTREAM = new SampleUpstream("one", 0);
  private static final Vertx VERTX = Vertx.vertx();

  @BeforeAll
  static void deploy() throws Exception {
    VERTX
        .deployVerticle(UPSTREAM)
        .toCompletionStage()
        .toCompletableFuture()
        .get(10, TimeUnit.SECONDS);
  }

  @AfterAll
  static void close() throws Exception {
    VERTX.close().toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
  }

  @Test
  void greetsAndShowsForwardedHeaders() throws Exception {
    HttpResponse<String> answer =
        send(to("/hello?x=1").header("X-Forwarded-For", "10.0.0.1").header("Accept", "any"));
    JsonObject body = new JsonObject(answer.body());
    assertThat(answer.headers().firstValue("content-type")).hasValue("application/json");
    assertThat(body.getString("instance")).isEqualTo("one");
    assertThat(body.getString("path")).isEqualTo("/hello?x=1");
    assertThat(body.getJsonObject("forwarded").getMap())
        .containsEntry("x-forwarded-for", "10.0.0.1")
        .doesNotContainKey("accept");
  }

  @Test
  void echoes() throws Exception {
    HttpResponse<String> answer =
        send(to("/echo?a=b").header("X-Own", "v").method("PATCH", BodyPublishers.ofString("hi")));
    JsonObject body = new JsonObject(answer.body());
    assertThat(body.getString("method")).isEqualTo("PATCH");
    assertThat(body.getString("query")).isEqualTo("a=b");
    assertThat(body.getString("body")).isEqualTo("hi");
    assertThat(body.getJsonObject("headers").getString("x-own")).isEqualTo("v");
  }

  @Test
  void refusesABodyThatIsTooLarge() throws Exception {
    HttpRequest.Builder request = to("/echo").POST(BodyPublishers.ofByteArray(new byte[2 << 20]));
    assertThat(send(request).statusCode()).isEqualTo(413);
  }

  @Test
  void streamsAsMuchAsAsked() throws Exception {
    assertThat(send(to("/stream?kb=3000")).body()).hasSize(3000 * 1024);
    assertThat(send(to("/stream?kb=0")).body()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "/status/418, 418",
    "/slow?ms=20, 200",
    "/flaky?percent=100, 503",
    "/flaky?percent=0, 200",
    "/health, 200",
    "/nowhere, 404",
    "/status/99, 400",
    "/status/600, 400",
    "/slow?ms=-1, 400",
    "/slow?ms=60001, 400",
    "/stream?kb=1048577, 400",
    "/flaky?percent=many, 400",
  })
  void answersWithStatus(String path, int status) throws Exception {
    assertThat(send(to(path)).statusCode()).isEqualTo(status);
  }

  @Test
  void saysWhatIsExpected() throws Exception {
    assertThat(send(to("/slow?ms=-1")).body()).contains("ms: -1 (expected: 0 to 60000)");
  }

  private static HttpRequest.Builder to(String path) {
    return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + UPSTREAM.port() + path));
  }

  private static HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
    return CLIENT.send(request.build(), BodyHandlers.ofString());
  }
}
