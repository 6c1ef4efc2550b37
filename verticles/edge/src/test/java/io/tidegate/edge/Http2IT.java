package io.tidegate.edge;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.http.HttpServer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** HTTP/2 clients that keep to none of its rules. */
class Http2IT {
  private static String routes(int port, String upstream) {
    return "upstreams:\n  up:\n    endpoints: [\"http://127.0.0.1:"
        + port
        + "\"]\n"
        + upstream.indent(4)
        + "routes:\n  all:\n    path: /*\n    upstream: up\n    auth: none\n";
  }

  @Test
  void malformedFieldsAreRefused() throws Exception {
    try (TestEdge edge = new TestEdge(Map.of(), routes(TestEdge.freePort(), ""));
        RawHttp2 client = new RawHttp2(edge.port)) {
      String[][] bad = {
        {"x", "a\0b"},
        {"x", "a\r\nb: c"},
        {"x", "a\r\n b"},
        {"x", "a\u007f"},
        {"x", " a"},
        {"x", "a\t"},
        {"x y", "z"},
        {"x:y", "z"},
        {"x\r\ny", "z"},
        {"x\u00e9", "z"}
      };
      for (int i = 0; i < bad.length; i++) {
        RawHttp2.End end = client.get(1 + 2 * i, "/", bad[i]).flush().next();
        // Netty resets the stream for what it checks itself.
        assertThat(end.status() == 400 || end.reset() == 1).as(bad[i][0] + end).isTrue();
      }
      assertThat(client.get(101, "/?a b").flush().next().status()).isEqualTo(400);
      assertThat(client.get(103, "/", "x", "a\tb \u00e9").flush().next().status()).isEqualTo(502);
    }
  }

  @Test
  void streamsAreBoundedThoughTheClientDoesNotAcknowledgeIt() throws Exception {
    try (TestEdge edge =
        hanging(Map.of("edge.max-streams", "5"), "connections: 50\nconnect-timeout: 30s")) {
      try (RawHttp2 client = new RawHttp2(edge.port)) {
        for (int i = 0; i < 8; i++) {
          client.get(1 + 2 * i, "/");
        }
        client.flush();
        List<RawHttp2.End> refused = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
          refused.add(client.next());
        }
        assertThat(refused)
            .containsExactly(
                new RawHttp2.End(11, 0, 7), new RawHttp2.End(13, 0, 7), new RawHttp2.End(15, 0, 7));
        assertThat(edge.load.inFlight()).isEqualTo(5);
      }
      EdgeIT.eventually(() -> edge.load.inFlight() == 0);
    }
  }

  @Test
  void aClientMaySendAheadAsMuchAsIsSet() throws Exception {
    try (TestEdge edge = new TestEdge(Map.of("edge.http2-window", "1000000"));
        RawHttp2 client = new RawHttp2(edge.port)) {
      assertThat(client.flush().nextWindow()).isEqualTo(1_000_000);
      assertThat(client.nextConnectionWindow()).isEqualTo(1_000_000);
    }
  }

  @Test
  void aConnectionThatDiesLeavesNoRequestBehind() throws Exception {
    try (TestEdge edge =
        hanging(
            Map.of("edge.max-streams", "2000"),
            "connections: 2\nqueue: 5000\nconnect-timeout: 30s\nanswer-timeout: 30s")) {
      for (int round = 0; round < 2; round++) {
        try (RawHttp2 client = new RawHttp2(edge.port)) {
          for (int i = 0; i < 1_000; i++) {
            client.get(1 + 2 * i, "/");
          }
          client.flush();
          EdgeIT.eventually(() -> edge.load.inFlight() == 1_000);
        }
        EdgeIT.eventually(() -> edge.load.inFlight() == 0);
        EdgeIT.eventually(() -> edge.load.connections() == 0);
      }
    }
  }

  /** An edge before an upstream that never answers. */
  private static TestEdge hanging(Map<String, String> settings, String upstream) {
    int port = TestEdge.freePort();
    TestEdge edge = new TestEdge(settings, routes(port, upstream));
    HttpServer unused =
        TestEdge.await(
            edge.vertx.createHttpServer().requestHandler(request -> {}).listen(port, "127.0.0.1"));
    return edge;
  }
}
