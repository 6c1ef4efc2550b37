package io.tidegate.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidegate.devstack.Await;
import io.tidegate.devstack.TestServers;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The four jobs through one node process, as a client sees them. */
class FourJobsIT {
  private static RunningNode node;

  @BeforeAll
  static void start() {
    node =
        RunningNode.start(
            TestServers.newDatabase(),
            TestServers.redis().uri(),
            TestServers.kafka().bootstrapServers());
  }

  @AfterAll
  static void stop() {
    node.close();
  }

  @Test
  void anAcknowledgedEventShowsWithinASecond() {
    String token = node.token("quick", "customer");
    for (int i = 1; i <= 5; i++) {
      assertThat(
              node.post("/v1/track", "{\"userId\":\"quick\",\"event\":\"Product Viewed\"}").body())
          .isEqualTo("{\"success\":true}");
      int wanted = i;
      // Five seconds is for a loaded test machine; the promise is one.
      Await.until(
          "view " + i + " shows",
          Duration.ofSeconds(5),
          () -> {
            HttpResponse<String> answer = node.get("/v1/customers/quick/profile", token);
            return answer.statusCode() == 200
                && new JsonObject(answer.body())
                        .getJsonObject("counts")
                        .getInteger("Product Viewed")
                    == wanted;
          });
    }
  }

  @Test
  void whatAnAnonymousVisitorDidIsTheCustomersOnceKnown() {
    node.post("/v1/track", "{\"anonymousId\":\"anon-1\",\"event\":\"Product Viewed\"}");
    node.post(
        "/v1/identify",
        "{\"userId\":\"grace\",\"anonymousId\":\"anon-1\",\"traits\":{\"name\":\"Grace\"}}");
    String agent = node.token("agent-7", "agent");
    Await.until(
        "the profiles are one",
        Duration.ofSeconds(10),
        () -> {
          HttpResponse<String> answer = node.get("/v1/customers/grace/profile", agent);
          return answer.statusCode() == 200
              && new JsonObject(answer.body())
                      .getJsonObject("counts")
                      .getInteger("Product Viewed", 0)
                  == 1;
        });
    JsonObject byAlias = new JsonObject(node.get("/v1/customers/anon-1/profile", agent).body());
    assertThat(byAlias.getString("id")).isEqualTo("grace");
    assertThat(byAlias.getJsonArray("anonymousIds")).contains("anon-1");
    assertThat(byAlias.getJsonObject("traits").getString("name")).isEqualTo("Grace");
  }

  @Test
  void aWarmReadIsAHitAndIsNotSentTwice() {
    node.post("/v1/track", "{\"userId\":\"warm\",\"event\":\"Product Viewed\"}");
    String token = node.token("warm", "customer");
    Await.until(
        "a hit in the process",
        Duration.ofSeconds(10),
        () ->
            node.get("/v1/customers/warm/profile", token)
                .headers()
                .firstValue("Cache-Status")
                .orElse("")
                .contains("process"));
    HttpResponse<String> answer = node.get("/v1/customers/warm/profile", token);
    HttpResponse<String> again =
        RunningNode.send(
            node.request("/v1/customers/warm/profile")
                .header("Authorization", "Bearer " + token)
                .header("If-None-Match", answer.headers().firstValue("ETag").orElseThrow()));
    assertThat(again.statusCode()).isEqualTo(304);
    assertThat(again.body()).isEmpty();
  }

  @Test
  void anErasedCustomerStaysErased() {
    node.post(
        "/v1/track",
        "{\"userId\":\"gone\",\"event\":\"Product Viewed\",\"timestamp\":\"2020-01-01T00:00:00Z\"}");
    String admin = node.token("root", "admin");
    Await.until(
        "known",
        Duration.ofSeconds(10),
        () -> node.get("/v1/customers/gone/profile", admin).statusCode() == 200);
    HttpResponse<String> erased =
        RunningNode.send(
            node.request("/v1/customers/gone").header("Authorization", "Bearer " + admin).DELETE());
    assertThat(erased.statusCode()).isEqualTo(204);
    assertThat(node.get("/v1/customers/gone/profile", admin).statusCode()).isEqualTo(404);
    node.post(
        "/v1/track",
        "{\"userId\":\"gone\",\"event\":\"Late\",\"timestamp\":\"2020-01-02T00:00:00Z\"}");
    node.post("/v1/track", "{\"userId\":\"gone-marker\",\"event\":\"Marker\"}");
    node.post("/v1/track", "{\"userId\":\"gone\",\"event\":\"Fresh\"}");
    Await.until(
        "the fresh event counts",
        Duration.ofSeconds(10),
        () -> node.get("/v1/customers/gone/profile", admin).statusCode() == 200);
    assertThat(
            new JsonObject(node.get("/v1/customers/gone/profile", admin).body())
                .getJsonObject("counts")
                .getMap())
        .containsOnlyKeys("Fresh");
  }

  @Test
  void aCustomerReadsOnlyItself() {
    assertThat(node.get("/v1/customers/other/profile", node.token("me", "customer")).statusCode())
        .isEqualTo(403);
    assertThat(node.get("/v1/customers/nobody/profile", "not.a.token").statusCode()).isEqualTo(401);
  }

  @Test
  void failuresAreProblemDocumentsWithTheRequestsId() {
    HttpResponse<String> answer =
        node.post("/v1/batch", "{\"batch\":[{\"type\":\"track\",\"userId\":\"u\"}]}");
    assertThat(answer.statusCode()).isEqualTo(400);
    assertThat(answer.headers().firstValue("Content-Type").orElse(""))
        .startsWith("application/problem+json");
    assertThat(answer.headers().firstValue("X-Request-Id")).isPresent();
    assertThat(new JsonObject(answer.body()).getString("detail")).contains("event");
    assertThat(
            RunningNode.send(node.request("/v1/track").POST(BodyPublishers.ofString("{}")))
                .statusCode())
        .isEqualTo(401);
    assertThat(node.get("/nowhere", node.token("me", "customer")).statusCode()).isEqualTo(404);
  }

  @Test
  void theRequestsIdReachesTheStoredEvent() throws Exception {
    RunningNode.send(
        node.request("/v1/track")
            .header("Authorization", "Basic ZGV2Og==")
            .header("X-Request-Id", "trace-me-1")
            .POST(BodyPublishers.ofString("{\"userId\":\"traced\",\"event\":\"Seen\"}")));
    assertThat(TestTopic.headersOf("traced"))
        .containsEntry("ce_requestid", "trace-me-1")
        .containsKey("ce_traceparent");
  }

  @Test
  void metricsSayWhatTheFourJobsDo() {
    node.get("/v1/customers/metrics/profile", node.token("metrics", "customer"));
    String page = node.management("/metrics").body();
    assertThat(page)
        .contains(
            "tidegate_edge_requests",
            "tidegate_ingestion_",
            "tidegate_projection_",
            "tidegate_profile_lookups",
            "tidegate_ratelimit_degraded",
            "tidegate_routing_",
            "jvm_memory_used_bytes");
  }

  @Test
  void terminatedItDrainsAndEndsInTime() {
    try (RunningNode other =
        RunningNode.start(
            TestServers.newDatabase(),
            TestServers.redis().uri(),
            TestServers.kafka().bootstrapServers())) {
      other.post("/v1/track", "{\"userId\":\"last\",\"event\":\"Seen\"}");
      assertThat(other.terminate()).isLessThan(Duration.ofSeconds(6));
      assertThat(other.process().exitValue()).isIn(0, 143);
      assertThat(other.log()).contains("draining", "stopped").doesNotContain("\"ERROR\"");
    }
  }

  @Test
  void wrongConfigurationEndsTheStartWithEveryProblem() throws Exception {
    ProcessBuilder builder =
        new ProcessBuilder(
            ProcessHandle.current().info().command().orElseThrow(),
            "-cp",
            System.getProperty("java.class.path"),
            Tidegate.class.getName(),
            "node",
            "--conf",
            node.directory().toString());
    builder.environment().put("TIDEGATE_EDGE_PORT", "many");
    builder.environment().put("TIDEGATE_REDIS_URI", "ftp://:hunter2@x");
    Process process = builder.redirectErrorStream(true).start();
    String output =
        new String(
            process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
    assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).isEqualTo(1);
    assertThat(output).contains("edge.port: many", "redis.uri: ***").doesNotContain("hunter2");
  }
}
