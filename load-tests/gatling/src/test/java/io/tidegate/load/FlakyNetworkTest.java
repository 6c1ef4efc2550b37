package io.tidegate.load;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class FlakyNetworkTest {
  private final HttpClient client = HttpClient.newHttpClient();
  private HttpServer server;
  private URI target;

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          exchange.sendResponseHeaders(204, -1);
          exchange.close();
        });
    server.start();
    target = URI.create("http://127.0.0.1:" + server.getAddress().getPort());
  }

  @AfterEach
  void stop() {
    client.close();
    server.stop(0);
  }

  private boolean answered(String address) throws InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(address)).timeout(Duration.ofSeconds(30)).build();
    try {
      return client.send(request, BodyHandlers.discarding()).statusCode() == 204;
    } catch (IOException e) {
      return false;
    }
  }

  @Test
  void withoutCutsEverythingPasses() throws IOException, InterruptedException {
    try (FlakyNetwork network = new FlakyNetwork(0, 1)) {
      String address = network.to(target);
      for (int i = 0; i < 20; i++) {
        assertThat(answered(address)).isTrue();
      }
      assertThat(network.cuts()).isZero();
    }
  }

  @Test
  void aCutIsSeenByTheClient() throws IOException, InterruptedException {
    try (FlakyNetwork network = new FlakyNetwork(1, 0)) {
      assertThat(answered(network.to(target))).isFalse();
      assertThat(network.cuts()).isPositive();
    }
  }

  @Test
  void aTargetThatIsGoneIsAClosedConnection() throws IOException, InterruptedException {
    server.stop(0);
    try (FlakyNetwork network = new FlakyNetwork(0, 0)) {
      assertThat(answered(network.to(target))).isFalse();
    }
  }
}
