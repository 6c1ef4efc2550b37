package io.tidegate.edge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidegate.edge.RawClient.Answer;
import io.vertx.core.Promise;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class LimitsIT {
  private static final String TRACK = "{\"userId\":\"42\",\"event\":\"Product Viewed\"}";

  @Test
  void aSpentQuotaIsRefusedWithItsHeaders() throws Exception {
    Map<String, String> limits =
        Map.of(
            "limits.policies.keys.by", "write-key",
            "limits.policies.keys.limit", "10",
            "limits.policies.keys.period", "60s",
            "limits.policies.keys.burst", "10");
    try (TestEdge edge = new TestEdge(limits);
        RawClient raw = edge.raw()) {
      Answer first = raw.send(track("k3y")).read();
      assertThat(first.header("ratelimit-policy")).contains("\"keys\"");
      assertThat(first.header("ratelimit")).startsWith("\"keys\";r=");
      edge.quota.set(0);
      Answer refused = first;
      for (int i = 0; i < 30 && refused.status() != 429; i++) {
        refused = raw.send(track("k3y")).read();
      }
      assertThat(refused.status()).isEqualTo(429);
      assertThat(Integer.parseInt(refused.header("retry-after"))).isPositive();
      assertThat(refused.header("content-type")).isEqualTo("application/problem+json");
      assertThat(refused.header("ratelimit-policy")).contains("\"keys\"");
      assertThat(new JsonObject(refused.body()).getString("policy")).isEqualTo("keys");
    }
  }

  @Test
  void guessingKeysIsLimitedByAddress() throws Exception {
    Map<String, String> limits =
        Map.of(
            "limits.policies.addresses.by", "address",
            "limits.policies.addresses.limit", "10",
            "limits.policies.addresses.period", "60s",
            "limits.policies.addresses.burst", "10");
    try (TestEdge edge = new TestEdge(limits);
        RawClient raw = edge.raw()) {
      edge.quota.set(10);
      List<Integer> statuses = new ArrayList<>();
      for (int i = 0; i < 25; i++) {
        statuses.add(raw.send(track("guess" + i)).read().status());
      }
      assertThat(statuses.getFirst()).isEqualTo(401);
      assertThat(statuses.getLast()).isEqualTo(429);
    }
  }

  @Test
  void whoNamesTheKeyInTheBodyPaysByAddressBeforeItIsRead() throws Exception {
    Map<String, String> limits =
        Map.of(
            "limits.policies.addresses.by", "address",
            "limits.policies.addresses.limit", "10",
            "limits.policies.addresses.period", "60s",
            "limits.policies.addresses.burst", "10",
            "limits.policies.keys.by", "write-key",
            "limits.policies.keys.limit", "10",
            "limits.policies.keys.period", "60s",
            "limits.policies.keys.burst", "10");
    String body = "{\"userId\":\"42\",\"event\":\"E\",\"writeKey\":\"k3y\"}";
    String head =
        "POST /v1/track HTTP/1.1\r\nHost: x\r\nContent-Length: " + body.length() + "\r\n\r\n";
    try (TestEdge edge = new TestEdge(limits);
        RawClient raw = edge.raw()) {
      edge.quota.set(40);
      Answer taken = raw.send(head + body).read();
      assertThat(taken.status()).isEqualTo(200);
      assertThat(taken.header("ratelimit-policy")).contains("\"keys\"");
      edge.quota.set(0);
      int status = 200;
      for (int i = 0; i < 45 && status == 200; i++) {
        status = raw.send(head + body).read().status();
      }
      assertThat(status).isEqualTo(429);
      try (RawClient silent = edge.raw()) {
        assertThat(silent.send(head).read().status())
            .as("not a byte of it was read")
            .isEqualTo(429);
      }
    }
  }

  @Test
  void theAddressBehindATrustedProxyCounts() throws Exception {
    Map<String, String> settings =
        Map.of(
            "edge.trusted-proxies", "127.0.0.0/8",
            "limits.policies.addresses.by", "address",
            "limits.policies.addresses.limit", "2",
            "limits.policies.addresses.period", "60s",
            "limits.policies.addresses.burst", "2");
    try (TestEdge edge = new TestEdge(settings);
        RawClient raw = edge.raw()) {
      edge.quota.set(2);
      int refused = 0;
      for (int i = 0; i < 6; i++) {
        refused += raw.send(forwarded("203.0.113.1")).read().status() == 429 ? 1 : 0;
      }
      assertThat(refused).isPositive();
      edge.quota.set(2);
      assertThat(raw.send(forwarded("203.0.113.2")).read().status()).isEqualTo(204);
    }
  }

  @Test
  void tooManyAtOnceAreRefusedEarly() throws Exception {
    try (TestEdge edge = new TestEdge(Map.of("edge.max-in-flight", "2"))) {
      edge.logGate = Promise.promise();
      try (RawClient one = edge.raw();
          RawClient two = edge.raw();
          RawClient three = edge.raw()) {
        one.send(track("k3y"));
        two.send(track("k3y"));
        EdgeIT.eventually(() -> edge.load.inFlight() == 2);
        Answer refused = three.send(track("k3y")).read();
        assertThat(refused.status()).isEqualTo(503);
        assertThat(refused.header("retry-after")).isEqualTo("1");
        assertThat(new JsonObject(refused.body()).getString("type"))
            .isEqualTo("urn:tidegate:problem:overloaded");
        edge.logGate.complete();
        assertThat(one.read().status()).isEqualTo(200);
        assertThat(two.read().status()).isEqualTo(200);
        assertThat(three.send(track("k3y")).read().status()).isEqualTo(200);
      }
      EdgeIT.eventually(() -> edge.load.inFlight() == 0);
    }
  }

  @Test
  void tooManyConnectionsAreRefused() throws Exception {
    try (TestEdge edge = new TestEdge(Map.of("edge.max-connections", "2"))) {
      try (RawClient one = edge.raw();
          RawClient two = edge.raw()) {
        one.send(options()).read();
        two.send(options()).read();
        try (RawClient three = edge.raw()) {
          Answer refused = three.read();
          assertThat(refused.status()).isEqualTo(503);
          assertThat(refused.header("retry-after")).isEqualTo("1");
          assertThat(refused.header("content-type")).isEqualTo("application/problem+json");
          JsonObject problem = new JsonObject(refused.body());
          assertThat(problem.getString("type")).isEqualTo("urn:tidegate:problem:overloaded");
          assertThat(Traces.isSaneId(refused.header("x-request-id"))).isTrue();
          assertThat(problem.getString("instance")).isEqualTo(refused.header("x-request-id"));
          assertThat(three.isClosed()).isTrue();
        }
        assertThat(edge.registry.get("tidegate.edge.connections.refused").counter().count())
            .isEqualTo(1);
      }
      EdgeIT.eventually(() -> edge.load.connections() == 0);
      try (RawClient again = edge.raw()) {
        assertThat(again.send(options()).read().status()).isEqualTo(204);
      }
    }
  }

  @Test
  void aConnectionOnWhichNothingMovesIsClosedWhateverIsUnderWay() throws Exception {
    try (TestEdge edge = new TestEdge(Map.of("edge.idle-timeout", "400ms"));
        RawClient slow = edge.raw();
        RawClient silent = edge.raw()) {
      String whole = track("k3y");
      for (int at = 0; at < whole.length(); at += 20) {
        slow.send(whole.substring(at, Math.min(whole.length(), at + 20)));
        Thread.sleep(100);
      }
      assertThat(slow.read().status()).isEqualTo(200);
      edge.logGate = Promise.promise();
      assertThat(silent.send(whole).patience(10_000).isClosed()).isTrue();
      edge.logGate.complete();
      EdgeIT.eventually(() -> edge.load.inFlight() == 0);
    }
  }

  @Test
  void aClientThatReadsNothingIsClosedWhateverItSends() throws Exception {
    try (TestEdge edge = new TestEdge(Map.of("edge.idle-timeout", "400ms"));
        RawClient greedy = edge.raw()) {
      String request = "OPTIONS /v1/track HTTP/1.1\r\nHost: x\r\n\r\n";
      byte[] many = request.repeat(2_000).getBytes(java.nio.charset.StandardCharsets.ISO_8859_1);
      assertThatThrownBy(
              () -> {
                for (int i = 0; i < 500; i++) {
                  greedy.send(many);
                  Thread.sleep(20);
                }
              })
          .isInstanceOf(java.net.SocketException.class);
      EdgeIT.eventually(() -> edge.load.connections() == 0);
    }
  }

  @Test
  void garbageNeverKillsTheServer() throws Exception {
    try (TestEdge edge =
        new TestEdge(
            Map.of(
                "edge.head-timeout",
                "300ms",
                "edge.body-timeout",
                "300ms",
                "edge.keep-alive",
                "300ms"))) {
      Random random = new Random(618);
      String good =
          track("k3y")
              + "GET /v1/customers/42/profile HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\n\r\n"
              + "POST /v1/batch HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n0\r\n\r\n"
              + "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
      for (int round = 0; round < 120; round++) {
        byte[] bytes;
        if (round % 3 == 0) {
          bytes = new byte[1 + random.nextInt(2_000)];
          random.nextBytes(bytes);
        } else {
          bytes = good.getBytes(java.nio.charset.StandardCharsets.ISO_8859_1);
          int start = round % 3 == 1 ? 0 : random.nextInt(bytes.length);
          bytes =
              java.util.Arrays.copyOfRange(
                  bytes, start, start + 1 + random.nextInt(bytes.length - start));
          for (int flips = 1 + random.nextInt(6); flips > 0; flips--) {
            bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
          }
        }
        try (RawClient raw = edge.raw()) {
          try {
            raw.send(bytes).shutdownOutput();
          } catch (java.net.SocketException closedAlready) {
            assertThat(closedAlready).isNotNull();
          }
          assertThat(raw.isClosed()).as("round " + round).isTrue();
        }
      }
      EdgeIT.eventually(() -> edge.load.inFlight() == 0);
      EdgeIT.eventually(() -> edge.load.connections() == 0);
      try (RawClient raw = edge.raw()) {
        assertThat(raw.send(track("k3y")).read().status()).isEqualTo(200);
      }
    }
  }

  private static String track(String key) {
    String credentials =
        java.util.Base64.getEncoder()
            .encodeToString((key + ":").getBytes(java.nio.charset.StandardCharsets.UTF_8));
    return "POST /v1/track HTTP/1.1\r\nHost: x\r\nAuthorization: Basic "
        + credentials
        + "\r\nContent-Length: "
        + TRACK.length()
        + "\r\n\r\n"
        + TRACK;
  }

  private static String options() {
    return "OPTIONS /v1/track HTTP/1.1\r\nHost: x\r\n\r\n";
  }

  private static String forwarded(String client) {
    return "OPTIONS /v1/track HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: " + client + "\r\n\r\n";
  }
}
