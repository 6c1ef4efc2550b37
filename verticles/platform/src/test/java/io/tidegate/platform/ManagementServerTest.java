package io.tidegate.platform;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ManagementServerTest {
  private final Vertx vertx = Vertx.vertx();
  private final Metrics metrics = new Metrics();
  private final Readiness readiness = new Readiness();
  private final AtomicReference<String> redis = new AtomicReference<>(Readiness.OK);
  private final HttpClient client = HttpClient.newHttpClient();
  private ManagementServer server;

  @BeforeEach
  void start() throws Exception {
    readiness.register("redis", redis::get);
    server =
        new ManagementServer(
            ConfigLoader.section(ManagementConfig.class, Map.of("management.port", "0")),
            readiness,
            metrics.registry());
    vertx.deployVerticle(server).toCompletionStage().toCompletableFuture().get(5, TimeUnit.SECONDS);
  }

  @AfterEach
  void stop() throws Exception {
    vertx.close().toCompletionStage().toCompletableFuture().get(5, TimeUnit.SECONDS);
    metrics.close();
    client.close();
  }

  @Test
  void readyTellsWhichCheckFails() throws Exception {
    assertThat(get("/health/ready").statusCode()).isEqualTo(200);
    redis.set("silent for 3 s");
    HttpResponse<String> answer = get("/health/ready");
    assertThat(answer.statusCode()).isEqualTo(503);
    assertThat(answer.body()).contains("\"not ready\"", "\"redis\" : \"silent for 3 s\"");
  }

  @Test
  void liveAndMetricsAnswer() throws Exception {
    assertThat(get("/health/live").statusCode()).isEqualTo(200);
    metrics.registry().counter("tidegate.test.counted").increment();
    HttpResponse<String> page = get("/metrics");
    assertThat(page.headers().firstValue("content-type").orElse(""))
        .startsWith("text/plain; version=0.0.4");
    assertThat(page.body()).contains("tidegate_test_counted_total 1.0", "jvm_memory_used_bytes");
  }

  @Test
  void otherPagesAndMethodsSayWhatThereIs() throws Exception {
    assertThat(get("/").statusCode()).isEqualTo(404);
    assertThat(get("/").body()).contains("/health/ready");
    assertThat(get("/").body()).contains("POST /memory");
    assertThat(post("/metrics").statusCode()).isEqualTo(405);
  }

  @Test
  void memoryIsWhatIsLeftAfterACollection() throws Exception {
    byte[] held = new byte[64 << 20];
    HttpResponse<String> answer = post("/memory");
    assertThat(answer.statusCode()).isEqualTo(200);
    JsonObject kept = new JsonObject(answer.body());
    assertThat(kept.getLong("live")).isGreaterThan(held.length);
    if (Files.exists(Path.of("/proc/self/status"))) {
      assertThat(kept.getLong("beside_heap")).isBetween(1L << 20, 4L << 30);
    }

    HttpResponse<String> again = post("/memory");
    assertThat(again.statusCode()).isEqualTo(429);
    assertThat(Integer.parseInt(again.headers().firstValue("retry-after").orElse("")))
        .isBetween(1, 10);

    HttpResponse<String> read = get("/memory");
    assertThat(read.statusCode()).isEqualTo(405);
    assertThat(read.headers().firstValue("allow")).hasValue("POST");
  }

  private HttpResponse<String> get(String path) throws IOException, InterruptedException {
    return client.send(
        HttpRequest.newBuilder(uri(path)).build(), HttpResponse.BodyHandlers.ofString());
  }

  private HttpResponse<String> post(String path) throws IOException, InterruptedException {
    return client.send(
        HttpRequest.newBuilder(uri(path)).POST(HttpRequest.BodyPublishers.ofString("x")).build(),
        HttpResponse.BodyHandlers.ofString());
  }

  private URI uri(String path) {
    return URI.create("http://127.0.0.1:" + server.port() + path);
  }
}
