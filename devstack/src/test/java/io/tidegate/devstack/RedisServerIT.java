package io.tidegate.devstack;

import static io.tidegate.devstack.ServerData.redis;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import org.junit.jupiter.api.Test;

class RedisServerIT {
  @Test
  void dataSurviveStopKillAndPause() throws Exception {
    RedisServer server = TestServers.ownRedis();
    String uri = server.uri();
    assertThat(redis(uri, "SET a 1")).isEqualTo("+OK");

    server.stop();
    assertThat(server.isRunning()).isFalse();
    assertThatThrownBy(() -> redis(uri, "GET a")).isInstanceOf(IOException.class);
    server.startAgain();
    assertThat(redis(uri, "GET a")).endsWith("1");
    assertThat(redis(uri, "SET b 2")).isEqualTo("+OK");

    server.killHard();
    assertThatThrownBy(() -> redis(uri, "GET a")).isInstanceOf(IOException.class);
    server.startAgain();
    assertThat(server.uri()).isEqualTo(uri);
    assertThat(redis(uri, "GET b")).endsWith("2");

    server.pause();
    assertThat(server.isRunning()).isTrue();
    assertThatThrownBy(() -> redis(uri, "GET a")).isInstanceOf(IOException.class);
    server.resume();
    assertThat(redis(uri, "GET b")).endsWith("2");

    server.close();
    assertThat(server.isRunning()).isFalse();
  }

  @Test
  void memoryIsBounded() throws Exception {
    String uri = TestServers.redis().uri();
    assertThat(redis(uri, "CONFIG GET maxmemory")).endsWith("268435456");
    assertThat(redis(uri, "CONFIG GET maxmemory-policy")).endsWith("allkeys-lru");
  }
}
