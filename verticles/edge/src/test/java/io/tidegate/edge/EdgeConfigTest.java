package io.tidegate.edge;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidegate.platform.ConfigLoader;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class EdgeConfigTest {
  @Test
  void defaults() {
    EdgeConfig config = ConfigLoader.section(EdgeConfig.class, Map.of());
    assertThat(config.host()).isEqualTo("0.0.0.0");
    assertThat(config.port()).isEqualTo(8080);
    assertThat(config.tls()).isEmpty();
    assertThat(config.trustedProxies()).isEmpty();
    assertThat(config.corsOrigins()).containsExactly("*");
    assertThat(config.maxBodyBytes()).isEqualTo(512_000);
    assertThat(config.maxGrpcMessageBytes()).isEqualTo(524_288);
    assertThat(config.maxBodyMemory()).isEmpty();
    assertThat(config.maxHeaderBytes()).isEqualTo(16_384);
    assertThat(config.maxRequestLineBytes()).isEqualTo(8_192);
    assertThat(config.headTimeout()).isEqualTo(Duration.ofSeconds(10));
    assertThat(config.bodyTimeout()).isEqualTo(Duration.ofSeconds(20));
    assertThat(config.keepAlive()).isEqualTo(Duration.ofSeconds(75));
    assertThat(config.idleTimeout()).isEqualTo(Duration.ofMinutes(2));
    assertThat(config.maxConnections()).isEmpty();
    assertThat(config.maxInFlight()).isEqualTo(8_192);
    assertThat(config.maxStreams()).isEqualTo(128);
    assertThat(config.http2Window()).isEqualTo(65_535);
    assertThat(config.maxResets()).isEqualTo(400);
    assertThat(config.drainTimeout()).isEqualTo(Duration.ofSeconds(3));
    assertThat(config.accessLog()).isFalse();
  }

  @Test
  void everyKey() {
    Map<String, String> values = new HashMap<>();
    values.put("edge.host", "::1");
    values.put("edge.port", "1");
    values.put("edge.tls.certificate", "c.pem");
    values.put("edge.tls.key", "k.pem");
    values.put("edge.trusted-proxies", "10.0.0.0/8,fd00::/8");
    values.put("edge.cors-origins", "https://a.example,https://b.example");
    values.put("edge.max-body-bytes", "2");
    values.put("edge.max-grpc-message-bytes", "3");
    values.put("edge.max-body-memory", "10");
    values.put("edge.max-header-bytes", "4");
    values.put("edge.max-request-line-bytes", "5");
    values.put("edge.head-timeout", "1s");
    values.put("edge.body-timeout", "2s");
    values.put("edge.keep-alive", "3s");
    values.put("edge.idle-timeout", "4s");
    values.put("edge.max-connections", "6");
    values.put("edge.max-in-flight", "7");
    values.put("edge.max-streams", "8");
    values.put("edge.http2-window", "70000");
    values.put("edge.max-resets", "9");
    values.put("edge.drain-timeout", "5s");
    values.put("edge.access-log", "true");
    EdgeConfig config = ConfigLoader.section(EdgeConfig.class, values);
    assertThat(config.host()).isEqualTo("::1");
    assertThat(config.port()).isEqualTo(1);
    assertThat(config.tls().orElseThrow().certificate()).isEqualTo("c.pem");
    assertThat(config.tls().orElseThrow().key()).isEqualTo("k.pem");
    assertThat(config.trustedProxies().orElseThrow()).containsExactly("10.0.0.0/8", "fd00::/8");
    assertThat(config.corsOrigins()).containsExactly("https://a.example", "https://b.example");
    assertThat(config.maxBodyBytes()).isEqualTo(2);
    assertThat(config.maxGrpcMessageBytes()).isEqualTo(3);
    assertThat(config.maxBodyMemory()).hasValue(10);
    assertThat(config.maxHeaderBytes()).isEqualTo(4);
    assertThat(config.maxRequestLineBytes()).isEqualTo(5);
    assertThat(config.headTimeout()).isEqualTo(Duration.ofSeconds(1));
    assertThat(config.bodyTimeout()).isEqualTo(Duration.ofSeconds(2));
    assertThat(config.keepAlive()).isEqualTo(Duration.ofSeconds(3));
    assertThat(config.idleTimeout()).isEqualTo(Duration.ofSeconds(4));
    assertThat(config.maxConnections()).hasValue(6);
    assertThat(config.maxInFlight()).isEqualTo(7);
    assertThat(config.maxStreams()).isEqualTo(8);
    assertThat(config.http2Window()).isEqualTo(70_000);
    assertThat(config.maxResets()).isEqualTo(9);
    assertThat(config.drainTimeout()).isEqualTo(Duration.ofSeconds(5));
    assertThat(config.accessLog()).isTrue();
  }
}
