package io.tidegate.routing;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidegate.bus.FailureException;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;

/** A test of forwarding: one {@link Door}, opened by the test, and ways to call it. */
abstract class DoorTest {
  static final HttpClient CLIENT =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  static final Duration LIMIT = Duration.ofSeconds(10);

  @TempDir Path folder;

  private @Nullable Door door;

  @AfterEach
  void close() throws Exception {
    Door open = door;
    door = null;
    if (open != null) {
      open.close();
    }
  }

  static String yaml(String upstream, String route, int... ports) {
    StringBuilder endpoints = new StringBuilder();
    for (int port : ports) {
      endpoints
          .append(endpoints.isEmpty() ? "" : ", ")
          .append("\"http://127.0.0.1:")
          .append(port)
          .append('"');
    }
    return "upstreams:\n  up:\n    endpoints: ["
        + endpoints
        + "]\n"
        + upstream.indent(4)
        + "routes:\n  all:\n    path: /*\n    upstream: up\n    auth: none\n"
        + route.indent(4);
  }

  Door open(String upstream, String route, int... ports) throws Exception {
    Door opened = new Door(folder, yaml(upstream, route, ports));
    door = opened;
    return opened;
  }

  static HttpServer upstream(Door door, io.vertx.core.Handler<HttpServerRequest> handler)
      throws Exception {
    return Door.await(door.vertx.createHttpServer().requestHandler(handler).listen(0, "127.0.0.1"));
  }

  Door openTo(String route, io.vertx.core.Handler<HttpServerRequest> handler) throws Exception {
    Door opened = open("", route, 1);
    opened.reload(yaml("", route, upstream(opened, handler).actualPort()));
    return opened;
  }

  static HttpResponse<String> get(Door door, String path, String... headers) throws Exception {
    HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(door.url(path))).timeout(LIMIT);
    if (headers.length > 0) {
      request.headers(headers);
    }
    return CLIENT.send(request.build(), BodyHandlers.ofString());
  }

  static HttpResponse<String> post(Door door, String path, String body) throws Exception {
    return CLIENT.send(
        HttpRequest.newBuilder(URI.create(door.url(path)))
            .timeout(LIMIT)
            .POST(BodyPublishers.ofString(body))
            .build(),
        BodyHandlers.ofString());
  }

  /** Sends bytes and reads until the peer closes. */
  static String raw(Door door, String text) throws IOException {
    try (Socket socket = RawServer.connect(door.port())) {
      socket.setSoTimeout(10_000);
      RawServer.write(socket, text);
      return new String(socket.getInputStream().readAllBytes(), ISO_8859_1);
    }
  }

  static int closedPort() throws IOException {
    try (ServerSocket free = new ServerSocket(0)) {
      return free.getLocalPort();
    }
  }

  static FailureException only(Door door) {
    assertThat(door.failures).hasSize(1);
    return door.failures.getFirst();
  }

  static int status(Door door) {
    try {
      return get(door, "/").statusCode();
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  static double breaker(Door door) {
    return door.meters.get("tidegate.routing.breaker").gauge().value();
  }
}
