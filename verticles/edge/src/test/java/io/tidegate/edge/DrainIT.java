package io.tidegate.edge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidegate.edge.RawClient.Answer;
import io.tidegate.proto.ingestion.PublishReply;
import io.tidegate.proto.ingestion.PublishRequest;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.net.SocketAddress;
import io.vertx.grpc.client.GrpcClient;
import io.vertx.grpc.common.GrpcMessageDecoder;
import io.vertx.grpc.common.GrpcMessageEncoder;
import io.vertx.grpc.common.GrpcStatus;
import io.vertx.grpc.common.ServiceMethod;
import io.vertx.grpc.common.ServiceName;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** A node that is told to stop loses nothing that it has begun, whatever the protocol. */
class DrainIT {
  private static final String TRACK = "{\"userId\":\"42\",\"event\":\"Order Completed\"}";
  private static final String READ = "OPTIONS /v1/track HTTP/1.1\r\nHost: x\r\n\r\n";
  private static final Map<String, String> LONG = Map.of("edge.drain-timeout", "15s");

  @Test
  void theNextAnswerOfAKeptConnectionIsItsLast() throws Exception {
    try (TestEdge edge = new TestEdge(LONG);
        RawClient client = edge.raw();
        RawClient late = edge.raw()) {
      assertThat(client.send(READ).read().header("connection")).isNull();
      assertThat(late.send(READ).read().header("connection")).isNull();
      edge.load.startDraining();
      Answer last = client.send(READ).read();
      assertThat(last.status()).isEqualTo(204);
      assertThat(last.header("connection")).isEqualTo("close");
      assertThat(client.isClosed()).isTrue();
      try (RawClient another = edge.raw()) {
        assertThat(another.send(READ).read().status()).isEqualTo(204);
      }
      Future<Void> stopped = edge.undeploy();
      assertThat(late.isClosed()).isTrue();
      TestEdge.await(stopped);
      assertThatThrownBy(edge::raw).isInstanceOf(IOException.class);
    }
  }

  @Test
  void whatClientsSendBeforeTheyHearOfItIsAnswered() throws Exception {
    try (TestEdge edge = new TestEdge(LONG)) {
      AtomicInteger answered = new AtomicInteger();
      List<CompletableFuture<String>> clients = new ArrayList<>();
      for (int i = 0; i < 16; i++) {
        RawClient client = edge.raw();
        CompletableFuture<String> end = new CompletableFuture<>();
        clients.add(end);
        Thread.ofVirtual()
            .start(
                () -> {
                  try (client) {
                    String connection = null;
                    while (connection == null) {
                      Answer answer = client.send(READ).read();
                      if (answer.status() != 204) {
                        end.complete("status " + answer.status());
                        return;
                      }
                      answered.incrementAndGet();
                      connection = answer.header("connection");
                    }
                    end.complete(connection);
                  } catch (IOException e) {
                    end.complete(e.toString());
                  }
                });
      }
      EdgeIT.eventually(() -> answered.get() > 1_000);
      TestEdge.await(edge.undeploy());
      assertThat(clients).allSatisfy(end -> assertThat(end.get()).isEqualTo("close"));
    }
  }

  @Test
  void anHttp2ConnectionIsToldAndServedUntilItIsOver() throws Exception {
    try (TestEdge edge = new TestEdge(LONG);
        RawHttp2 idle = new RawHttp2(edge.port);
        RawHttp2 busy = new RawHttp2(edge.port)) {
      assertThat(idle.get(1, "/v1/customers/42/profile").flush().next().status()).isEqualTo(401);
      assertThat(busy.get(1, "/v1/customers/42/profile").flush().next().status()).isEqualTo(401);
      edge.load.startDraining();
      assertThat(idle.nextGoAway()).isEqualTo(Integer.MAX_VALUE);
      assertThat(busy.nextGoAway()).isEqualTo(Integer.MAX_VALUE);
      RawHttp2.End crossing = busy.get(3, "/v1/customers/42/profile").flush().next();
      assertThat(crossing).isEqualTo(new RawHttp2.End(3, 401, 0));
      Future<Void> stopped = edge.undeploy();
      assertThat(idle.nextGoAway()).isEqualTo(1);
      assertThat(idle.isClosed()).isTrue();
      assertThat(busy.nextGoAway()).isEqualTo(3);
      assertThat(busy.isClosed()).isTrue();
      TestEdge.await(stopped);
    }
  }

  @Test
  void anHttp2ConnectionThatComesLateIsToldWithItsFirstAnswer() throws Exception {
    try (TestEdge edge = new TestEdge(LONG)) {
      edge.load.startDraining();
      try (RawHttp2 client = new RawHttp2(edge.port)) {
        client.get(1, "/nowhere").flush();
        assertThat(client.nextGoAway()).isEqualTo(Integer.MAX_VALUE);
        assertThat(client.next().stream()).isEqualTo(1);
      }
    }
  }

  @Test
  void anUploadThatHasBegunIsTakenToItsEnd() throws Exception {
    try (TestEdge edge = new TestEdge(LONG);
        RawClient client = edge.raw()) {
      client.send(
          "POST /v1/track HTTP/1.1\r\nHost: x\r\nAuthorization: "
              + TestEdge.basic()
              + "\r\nContent-Length: "
              + TRACK.length()
              + "\r\n\r\n"
              + TRACK.substring(0, 10));
      EdgeIT.eventually(() -> edge.load.inFlight() == 1);
      Future<Void> stopped = edge.undeploy();
      EdgeIT.eventually(() -> isRefused(edge));
      assertThat(stopped.isComplete()).isFalse();
      Answer answer = client.send(TRACK.substring(10)).read();
      assertThat(answer.status()).isEqualTo(200);
      assertThat(answer.header("connection")).isEqualTo("close");
      assertThat(edge.log).hasSize(1);
      TestEdge.await(stopped);
    }
  }

  @Test
  void aDownloadThatHasBegunIsGivenToItsEnd() throws Exception {
    AtomicReference<HttpServerResponse> upstream = new AtomicReference<>();
    int port = TestEdge.freePort();
    try (TestEdge edge =
            new TestEdge(
                LONG,
                "upstreams:\n  up:\n    endpoints: [\"http://127.0.0.1:"
                    + port
                    + "\"]\nroutes:\n  all:\n    path: /*\n    upstream: up\n    auth: none\n");
        RawClient client = edge.raw();
        RawClient kept = edge.raw()) {
      var listening =
          TestEdge.await(
              edge.vertx
                  .createHttpServer()
                  .requestHandler(
                      request -> {
                        HttpServerResponse response = request.response();
                        response.putHeader("content-length", "8");
                        if (request.path().equals("/slow")) {
                          response.write(Buffer.buffer("firs"));
                          upstream.set(response);
                        } else {
                          response.end(Buffer.buffer("complete"));
                        }
                      })
                  .listen(port, "127.0.0.1"));
      assertThat(listening.actualPort()).isEqualTo(port);
      client.send("GET /slow HTTP/1.1\r\nHost: x\r\n\r\n");
      EdgeIT.eventually(() -> upstream.get() != null);
      edge.load.startDraining();
      Answer last = kept.send("GET /quick HTTP/1.1\r\nHost: x\r\n\r\n").read();
      assertThat(last.body()).isEqualTo("complete");
      assertThat(last.header("connection")).isEqualTo("close");
      assertThat(kept.isClosed()).isTrue();
      Future<Void> stopped = edge.undeploy();
      EdgeIT.eventually(() -> isRefused(edge));
      assertThat(stopped.isComplete()).isFalse();
      upstream.get().end(Buffer.buffer("last"));
      assertThat(client.read().body()).isEqualTo("firslast");
      TestEdge.await(stopped);
      assertThat(client.isClosed()).isTrue();
    }
  }

  @Test
  void aGrpcStreamThatHasBegunIsAnswered() {
    ServiceMethod<PublishReply, PublishRequest> publish =
        ServiceMethod.client(
            ServiceName.create("tidegate.ingestion.v1.EventService"),
            "Publish",
            GrpcMessageEncoder.encoder(),
            GrpcMessageDecoder.decoder(PublishReply.getDefaultInstance()));
    try (TestEdge edge = new TestEdge(LONG)) {
      Promise<Void> gate = Promise.promise();
      edge.logGate = gate;
      Promise<GrpcStatus> ended = Promise.promise();
      Promise<Void> more = Promise.promise();
      GrpcClient.client(edge.vertx)
          .request(SocketAddress.inetSocketAddress(edge.port, "127.0.0.1"), publish)
          .onSuccess(
              request -> {
                request.headers().set("authorization", TestEdge.basic());
                var unused = request.write(event(1));
                more.future()
                    .onSuccess(
                        go -> {
                          var unusedEnd = request.end(event(2));
                        });
                request
                    .response()
                    .onFailure(ended::tryFail)
                    .onSuccess(
                        response -> {
                          response.exceptionHandler(ended::tryFail);
                          response.handler(reply -> {});
                          response.endHandler(end -> ended.tryComplete(response.status()));
                        });
              });
      EdgeIT.eventually(() -> edge.load.inFlight() == 1);
      Future<Void> stopped = edge.undeploy();
      EdgeIT.eventually(() -> isRefused(edge));
      more.complete();
      EdgeIT.eventually(() -> !edge.log.isEmpty());
      assertThat(stopped.isComplete()).isFalse();
      gate.complete();
      assertThat(TestEdge.await(ended.future())).isEqualTo(GrpcStatus.OK);
      assertThat(edge.log).hasSize(2);
      TestEdge.await(stopped);
    }
  }

  @Test
  void connectionsThatWereNeverUsedAreNotWaitedFor() throws Exception {
    try (TestEdge edge = new TestEdge(Map.of("edge.drain-timeout", "60s"));
        RawClient unused = edge.raw()) {
      EdgeIT.eventually(() -> edge.load.connections() == 1);
      TestEdge.await(edge.undeploy());
      assertThat(unused.isClosed()).isTrue();
    }
  }

  private static boolean isRefused(TestEdge edge) {
    try (RawClient probe = edge.raw()) {
      return false;
    } catch (IOException refused) {
      return true;
    }
  }

  private static PublishRequest event(int i) {
    return PublishRequest.newBuilder()
        .setType("track")
        .setUserId("u" + i)
        .setEvent("Product Viewed")
        .build();
  }
}
