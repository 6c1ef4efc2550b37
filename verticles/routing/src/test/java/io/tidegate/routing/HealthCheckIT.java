package io.tidegate.routing;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidegate.bus.Failure;
import io.vertx.core.http.HttpServer;
import java.net.Socket;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** What health checks find, and when it holds. */
class HealthCheckIT extends DoorTest {
  @Test
  void unhealthyEndpointsAreLeftOut() throws Exception {
    AtomicInteger health = new AtomicInteger(500);
    Door door = open("", "", 1);
    HttpServer server =
        upstream(
            door,
            request ->
                request
                    .response()
                    .setStatusCode(request.path().equals("/health") ? health.get() : 200)
                    .end());
    door.reload(
        yaml(
            "health-check: {path: /health, interval: 50ms, failures: 2, successes: 2}",
            "",
            server.actualPort()));
    Door.until("it to be out", () -> status(door) == 503);
    assertThat(door.failures.getLast().failure()).isEqualTo(Failure.NO_ENDPOINT);
    health.set(204);
    Door.until("it to be in", () -> status(door) == 200);
  }

  private static double healthy(Door door, HttpServer server) {
    return door.meters
        .get("tidegate.routing.healthy")
        .tag("endpoint", "http://127.0.0.1:" + server.actualPort())
        .gauge()
        .value();
  }

  @Test
  void connectionsAllInUseSayNothingOfTheHealth() throws Exception {
    AtomicInteger checks = new AtomicInteger();
    AtomicInteger held = new AtomicInteger();
    Door door = open("", "", 1);
    HttpServer server =
        upstream(
            door,
            request -> {
              if (request.path().equals("/health")) {
                checks.incrementAndGet();
                request.response().end();
              } else {
                held.incrementAndGet();
              }
            });
    door.reload(
        yaml(
            "connections: 1\nqueue: 0\nanswer-timeout: 1m\n"
                + "health-check: {path: /health, interval: 50ms, failures: 1}",
            "",
            server.actualPort()));
    try (Socket first = RawServer.connect(door.port())) {
      Door.until("a check", () -> checks.get() > 0);
      RawServer.write(first, "GET /held HTTP/1.1\r\nHost: a\r\n\r\n");
      Door.until("the connection to be in use", () -> held.get() == 1);
      int before = checks.get();
      Door.until("more checks", () -> checks.get() >= before + 3);
      assertThat(healthy(door, server)).isEqualTo(1);
    }
  }

  @Test
  void aReloadThatOnlyAddsAnEndpointKeepsWhatWasFound() throws Exception {
    AtomicInteger checks = new AtomicInteger();
    Door door = open("", "", 1);
    // The second check, which is the new table's first, gets no answer within this test.
    HttpServer ill =
        upstream(
            door,
            request -> {
              if (checks.incrementAndGet() == 1) {
                request.response().setStatusCode(500).end();
              }
            });
    HttpServer well = upstream(door, request -> request.response().end("ok"));
    HttpServer added = upstream(door, request -> request.response().end("ok"));
    String check = "health-check: {path: /health, interval: 1h, timeout: 1m, failures: 1}";
    door.reload(yaml(check, "", ill.actualPort(), well.actualPort()));
    Door.until("the ill one to be out", () -> healthy(door, ill) == 0);
    door.reload(yaml(check, "", ill.actualPort(), well.actualPort(), added.actualPort()));
    Door.until("the new table's check", () -> checks.get() == 2);
    assertThat(healthy(door, ill)).isZero();
    door.reload(yaml("", "", ill.actualPort()));
    assertThat(healthy(door, ill)).as("nobody checks it any more").isEqualTo(1);
  }
}
