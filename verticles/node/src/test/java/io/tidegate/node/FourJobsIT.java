package io.tidegate.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidegate.devstack.Await;
import io.tidegate.devstack.SampleUpstream;
import io.tidegate.devstack.TestServers;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The four jobs through one node process, as a client sees them. */
class FourJobsIT {
  private static RunningNode node;

  @BeforeAll
  static void start() {
    node = RunningNode.onSharedServers();
  }

  @AfterAll
  static void stop() {
    node.close();
  }

  @Test
  void anAcknowledgedEventShowsWithinASecond() {
    String token = node.token("quick", "customer");
    List<Duration> delays = new ArrayList<>();
    for (int i = 1; i <= 9; i++) {
      assertThat(
              node.post("/v1/track", "{\"userId\":\"quick\",\"event\":\"Product Viewed\"}").body())
          .isEqualTo("{\"success\":true}");
      long acknowledged = System.nanoTime();
      int wanted = i;
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
      delays.add(Duration.ofNanos(System.nanoTime() - acknowledged));
    }
    // The median, since a loaded test machine may hold up one or two of them.
    assertThat(delays.stream().sorted().toList().get(4))
        .as("%s", delays)
        .isLessThan(Duration.ofSeconds(1));
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
        () -> {
          HttpResponse<String> read = node.get("/v1/customers/warm/profile", token);
          String layer = read.headers().firstValue("Cache-Status").orElse("");
          // That nobody is there yet is remembered in the process too.
          return read.statusCode() == 200 && layer.contains("process");
        });
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
    try (RunningNode other = another(Map.of())) {
      other.post("/v1/track", "{\"userId\":\"last\",\"event\":\"Seen\"}");
      assertThat(other.terminate()).isLessThanOrEqualTo(Duration.ofSeconds(5));
      assertThat(other.process().exitValue()).isIn(0, 143);
      assertThat(other.log()).contains("draining", "\"stopped\"").doesNotContain("\"ERROR\"");
    }
  }

  @Test
  void terminatedItFinishesWhatItCanAndEndsInTimeWhateverIsUnderWay() throws Exception {
    Vertx vertx = Vertx.vertx();
    try {
      SampleUpstream upstream = new SampleUpstream("slow", 0);
      vertx
          .deployVerticle(upstream)
          .toCompletionStage()
          .toCompletableFuture()
          .get(10, TimeUnit.SECONDS);
      try (RunningNode other =
          another(
              Map.of(
                  "SAMPLE_UPSTREAM_URL",
                  "http://127.0.0.1:" + upstream.port(),
                  // Leaves a busy machine time to close the rest.
                  "TIDEGATE_EDGE_DRAIN_TIMEOUT",
                  "2500ms"))) {
        CompletableFuture<Integer> soon = status(other, "/demo/slow?ms=1500");
        CompletableFuture<Integer> never = status(other, "/demo/slow?ms=60000");
        Await.until(
            "both are under way",
            Duration.ofSeconds(5),
            () -> other.management("/metrics").body().contains("tidegate_edge_in_flight 2.0"));
        assertThat(other.terminate()).isLessThanOrEqualTo(Duration.ofSeconds(5));
        assertThat(soon.get(5, TimeUnit.SECONDS)).isEqualTo(200);
        assertThat(never.get(5, TimeUnit.SECONDS)).isNotEqualTo(200);
        assertThat(other.log()).contains("\"stopped\"");
        // Vert.x says "Undeploy failed" of what the deadline cut short, as it does on a busy
        // machine.
        assertThat(other.log().lines().filter(line -> line.contains("\"ERROR\"")))
            .allMatch(line -> line.contains("Undeploy failed"));
      }
    } finally {
      vertx.close().toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
    }
  }

  private static RunningNode another(Map<String, String> environment) {
    return RunningNode.start(
        TestServers.newDatabase(),
        TestServers.redis().uri(),
        TestServers.kafka().bootstrapServers(),
        environment);
  }

  /** The status of an answer that will come, 0 for a connection that broke. */
  private static CompletableFuture<Integer> status(RunningNode node, String path) {
    return CompletableFuture.supplyAsync(
        () -> {
          try {
            return RunningNode.send(node.request(path)).statusCode();
          } catch (UncheckedIOException e) {
            return 0;
          }
        },
        task -> Thread.ofVirtual().start(task));
  }

  @Test
  void theTopicsForgetAfterAWeek() throws Exception {
    assertThat(TestTopic.retention("tidegate.events")).isEqualTo(Duration.ofDays(7));
    assertThat(TestTopic.retention("tidegate.events.dlq")).isEqualTo(Duration.ofDays(7));
  }

  @Test
  void withoutTheIssuersKeysItIsNotReady() {
    Path absent = node.directory().resolve("absent-jwks.json");
    try (RunningNode other =
        RunningNode.startUnready(
            TestServers.newDatabase(),
            TestServers.redis().uri(),
            TestServers.kafka().bootstrapServers(),
            Map.of(
                "TIDEGATE_AUTH_JWKS", absent.toString(), "TIDEGATE_AUTH_JWKS_REFRESH", "100ms"))) {
      Await.until(
          "only the keys are missing",
          Duration.ofSeconds(60),
          () -> {
            JsonObject checks =
                new JsonObject(other.management("/health/ready").body()).getJsonObject("checks");
            return "ok".equals(checks.getString("node"))
                && String.valueOf(checks.getString("keys")).startsWith("auth.jwks");
          });
      assertThat(other.ready()).isFalse();
      Files.copy(DevKeys.in(node.directory()).publicKeys(), absent);
      Await.until("the keys are found", Duration.ofSeconds(20), other::ready);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void aTakenPortEndsTheStartInOneLine() throws Exception {
    Map<String, String> environment =
        Map.of("TIDEGATE_EDGE_PORT", "" + node.port(), "TIDEGATE_MANAGEMENT_PORT", "0");
    assertThat(failedStart(environment))
        .containsExactly(
            "tidegate: edge.port: " + node.port() + " (expected: a port that is not taken)");
  }

  @Test
  void aCertificateThatIsNoneEndsTheStartInOneLine() throws Exception {
    String file = Files.writeString(node.directory().resolve("no.pem"), "no PEM").toString();
    Map<String, String> environment =
        Map.of(
            "TIDEGATE_EDGE_PORT",
            "" + RunningNode.freePort(),
            "TIDEGATE_MANAGEMENT_PORT",
            "0",
            "TIDEGATE_EDGE_TLS_CERTIFICATE",
            file,
            "TIDEGATE_EDGE_TLS_KEY",
            file);
    assertThat(failedStart(environment))
        .singleElement()
        .asString()
        .startsWith("tidegate: can't listen on edge.host 0.0.0.0, edge.port ");
  }

  /** What a node that can't start says, other than its log. */
  private static List<String> failedStart(Map<String, String> environment) throws Exception {
    ProcessBuilder builder =
        new ProcessBuilder(
            ProcessHandle.current().info().command().orElseThrow(),
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow",
            "-cp",
            System.getProperty("java.class.path"),
            "-Dlogback.configurationFile=" + node.directory().resolve("logback.xml"),
            Tidegate.class.getName(),
            "node",
            "--conf",
            node.directory().toString());
    builder.environment().putAll(environment);
    Process process = builder.redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).as(output).isEqualTo(1);
    return output.lines().filter(line -> !line.startsWith("{")).toList();
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
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).isEqualTo(1);
    assertThat(output)
        .contains("TIDEGATE_EDGE_PORT: many", "TIDEGATE_REDIS_URI: ***")
        .doesNotContain("hunter2");
  }
}
