package io.tidegate.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.entry;

import com.sun.net.httpserver.HttpServer;
import io.tidegate.load.Metrics.Sample;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class MetricsTest {
  private static final String PAGE =
      """
      # HELP tidegate_ingestion_events_total events
      # TYPE tidegate_ingestion_events_total counter
      tidegate_ingestion_events_total{outcome="accepted"} 18470.0
      tidegate_ingestion_events_total{outcome="invalid"} 2.0
      tidegate_ingestion_events_total_other{outcome="accepted"} 5
      jvm_memory_used_bytes{area="heap",id="PS Eden Space"} 3.3E7
      jvm_memory_used_bytes{area="heap",id="PS Old Gen"} 6.5E7
      tidegate_up 1
      nonsense
      broken x
      """;

  private final Sample sample = new Sample(Metrics.parse(PAGE));

  @Test
  void aMetricIsSummedOverTheTagsThatFit() {
    assertThat(sample.sum("tidegate_ingestion_events_total", "")).isEqualTo(18_472);
    assertThat(sample.sum("tidegate_ingestion_events_total", "outcome=\"accepted\""))
        .isEqualTo(18_470);
    assertThat(sample.sum("jvm_memory_used_bytes", "area=\"heap\"")).isEqualTo(9.8e7);
    assertThat(sample.sum("tidegate_up", "")).isEqualTo(1);
  }

  @Test
  void whatIsNotThereIsZero() {
    assertThat(sample.sum("tidegate_ingestion", "")).isZero();
  }

  @Test
  void whatIsLeftAfterACollectionIsSummedOverTheNodes() throws Exception {
    assertThat(
            collected(
                "{\"took_ms\":9,\"live\":7,\"beside_heap\":5}", "{\"live\":1,\"beside_heap\":2}"))
        .containsOnly(entry("live", 8.0), entry("beside_heap", 7.0));
    assertThat(collected("{\"live\":7,\"beside_heap\":5}", "{\"live\":1}"))
        .as("a sum of some nodes' is none")
        .containsOnly(entry("live", 8.0));
    assertThatThrownBy(() -> collected("{\"live\":7}", "{\"beside_heap\":2}"))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("no live");
    assertThatThrownBy(() -> collected("")).isInstanceOf(IOException.class);
  }

  private static Map<String, Double> collected(String... answers) throws Exception {
    List<HttpServer> servers = new ArrayList<>();
    List<String> nodes = new ArrayList<>();
    try {
      for (String answer : answers) {
        byte[] body = answer.getBytes(StandardCharsets.UTF_8);
        HttpServer server =
            HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext(
            "/memory",
            exchange -> {
              boolean posted = exchange.getRequestMethod().equals("POST");
              exchange.sendResponseHeaders(posted ? 200 : 405, body.length);
              exchange.getResponseBody().write(body);
              exchange.close();
            });
        server.start();
        servers.add(server);
        nodes.add("http://127.0.0.1:" + server.getAddress().getPort());
      }
      try (Metrics metrics = new Metrics(nodes)) {
        return metrics.collect().values();
      }
    } finally {
      servers.forEach(server -> server.stop(0));
    }
  }
}
