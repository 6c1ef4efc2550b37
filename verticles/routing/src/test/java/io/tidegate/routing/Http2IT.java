package io.tidegate.routing;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidegate.bus.Failure;
import io.tidegate.bus.FailureException;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.StreamResetException;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Clients that speak HTTP/2, to upstreams that speak HTTP/1.1. */
class Http2IT extends DoorTest {
  // Vert.x closes a client that nobody refers to.
  private final List<HttpClient> clients = new ArrayList<>();

  @Test
  void whatHttp1CannotCarryIsTheClientsFaultAndWedgesNothing() throws Exception {
    Door door = open("", "", 1);
    int port = upstream(door, request -> request.response().end(request.uri())).actualPort();
    door.reload(yaml("connections: 1\nbreaker: {window: 2}", "", port));
    H2Frames frames = new H2Frames();
    List<String[]> bad =
        List.of(
            new String[] {"/", "x", "a\0b"},
            new String[] {"/", "x", "a\r\nb: c"},
            new String[] {"/", "x y", "z"},
            new String[] {"/", "x:y", "z"},
            new String[] {"/?a b"},
            new String[] {"/?a\r\nb"},
            new String[] {"/?a\u00e9"});
    for (int i = 0; i < bad.size(); i++) {
      String[] one = bad.get(i);
      frames.get(1 + 2 * i, one[0], one.length > 1 ? new String[] {one[1], one[2]} : new String[0]);
    }
    try (Socket client = RawServer.connect(door.port())) {
      client.getOutputStream().write(frames.bytes());
      Door.until("all answers", () -> door.failures.size() >= bad.size());
    }
    assertThat(door.failures)
        .hasSize(bad.size())
        .extracting(FailureException::failure)
        .containsOnly(Failure.BAD_REQUEST);
    assertThat(get(door, "/good?x").body()).isEqualTo("/good?x");
    assertThat(breaker(door)).isZero();
    // The client may have its answer a moment before the exchange is over.
    Door.until(
        "nothing in flight",
        () -> door.meters.get("tidegate.routing.in.flight").gauge().value() == 0);
  }

  @Test
  void anAnswerCutOffIsAnErrorNotAnEnd() throws Exception {
    try (RawServer half =
        new RawServer(
            (socket, head) ->
                RawServer.write(
                    socket,
                    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n"))) {
      Door door = open("", "", half.port());
      CompletableFuture<Throwable> broken = new CompletableFuture<>();
      HttpClientResponse head =
          Door.await(
              http2(door)
                  .request(HttpMethod.GET, door.port(), "127.0.0.1", "/")
                  .compose(request -> request.send())
                  .map(
                      response -> {
                        response.exceptionHandler(broken::complete);
                        response.endHandler(end -> broken.complete(new AssertionError("ended")));
                        return response;
                      }));
      assertThat(head.statusCode()).isEqualTo(200);
      assertThat(broken.get(10, TimeUnit.SECONDS))
          .isInstanceOfSatisfying(
              StreamResetException.class, reset -> assertThat(reset.getCode()).isEqualTo(0x2));
    }
  }

  @Test
  void trailersOfTheConnectionEndHere() throws Exception {
    try (RawServer odd =
        new RawServer(
            (socket, head) ->
                RawServer.write(
                    socket,
                    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n"
                        + "grpc-status: 0\r\nConnection: x-hop\r\nX-Hop: 1\r\nKeep-Alive: 9\r\n"
                        + "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n"))) {
      Door door = open("", "", odd.port());
      HttpClientResponse answer =
          Door.await(
              http2(door)
                  .request(HttpMethod.GET, door.port(), "127.0.0.1", "/")
                  .compose(request -> request.send())
                  .compose(response -> response.end().map(response)));
      assertThat(answer.trailers().names()).containsExactly("grpc-status");
    }
  }

  @Test
  void aFloodOfRequestsThatAreTakenBackLeavesNothingBehind() throws Exception {
    try (RawServer stuck = new RawServer((socket, head) -> socket.getInputStream().read())) {
      Door door =
          open(
              "connections: 2\nqueue: 5000\nconnect-timeout: 1m\nanswer-timeout: 1m\n"
                  + "breaker: {window: 2}",
              "",
              stuck.port());
      int count = 2_000;
      for (int round = 0; round < 2; round++) {
        H2Frames frames = new H2Frames();
        for (int i = 0; i < count; i++) {
          frames.get(1 + 2 * i, "/");
        }
        try (Socket client = RawServer.connect(door.port())) {
          client.getOutputStream().write(frames.bytes());
          Door.until(
              "requests under way",
              () -> door.meters.get("tidegate.routing.exchanges").gauge().value() == count);
        }
        Door.until(
            "none under way",
            () ->
                door.meters.get("tidegate.routing.exchanges").gauge().value() == 0
                    && door.meters.get("tidegate.routing.in.flight").gauge().value() == 0);
      }
      assertThat(door.failures)
          .hasSize(2 * count)
          .extracting(FailureException::failure)
          .containsOnly(Failure.CLIENT_CLOSED);
      assertThat(breaker(door)).isZero();
    }
  }

  private HttpClient http2(Door door) {
    HttpClient made =
        door.vertx.createHttpClient(
            new HttpClientOptions()
                .setProtocolVersion(HttpVersion.HTTP_2)
                .setHttp2ClearTextUpgrade(false));
    clients.add(made);
    return made;
  }
}
