package io.tidegate.edge;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.tidegate.edge.RawClient.Answer;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** How much of its memory the node gives to bodies, whole or not. */
class BodyMemoryIT {
  private static final int MOST = 1_048_576;
  private static final Map<String, String> SETTINGS =
      Map.of("edge.max-body-memory", Integer.toString(MOST), "edge.body-timeout", "1m");
  private static final int PART = 400_000;

  private static String part(int length) {
    return "POST /v1/batch HTTP/1.1\r\nHost: x\r\nX-Request-Id: part\r\nContent-Length: 500000\r\n\r\n"
        + " ".repeat(length);
  }

  @Test
  void stalledBodiesTakeNoMoreThanTheirShare() throws Exception {
    ListAppender<ILoggingEvent> said = new ListAppender<>();
    said.start();
    ((Logger) LoggerFactory.getLogger(FaultLog.class)).addAppender(said);
    try (TestEdge edge = new TestEdge(SETTINGS);
        RawClient one = edge.raw();
        RawClient two = edge.raw()) {
      one.send(part(PART));
      two.send(part(PART));
      EdgeIT.eventually(() -> edge.load.bodyMemory() == 2 * PART);
      assertThat(edge.registry.get("tidegate.edge.body.memory").gauge().value())
          .isEqualTo(2 * PART);
      try (RawClient three = edge.raw()) {
        Answer refused = three.send(part(PART)).read();
        assertThat(refused.status()).isEqualTo(503);
        assertThat(refused.header("retry-after")).isEqualTo("1");
        assertThat(new JsonObject(refused.body()).getString("type"))
            .isEqualTo("urn:tidegate:problem:overloaded");
      }
      EdgeIT.eventually(() -> edge.load.bodyMemory() == 2 * PART);
      EdgeIT.eventually(() -> !List.copyOf(said.list).isEmpty());
      assertThat(said.list)
          .as("the request id of a 503 leads to a line in the log")
          .anySatisfy(
              line ->
                  assertThat(line.getKeyValuePairs())
                      .extracting(Object::toString)
                      .contains("request_id=\"part\"", "status=\"503\"", "failure=\"overloaded\""));
      one.close();
      EdgeIT.eventually(() -> edge.load.bodyMemory() == PART);
      try (RawClient four = edge.raw()) {
        four.send(part(PART));
        EdgeIT.eventually(() -> edge.load.bodyMemory() == 2 * PART);
      }
    } finally {
      ((Logger) LoggerFactory.getLogger(FaultLog.class)).detachAppender(said);
    }
  }

  @Test
  void unzippedBytesCountUntilTheAnswer() throws Exception {
    try (TestEdge edge = new TestEdge(SETTINGS)) {
      edge.logGate = Promise.promise();
      String batch =
          "{\"writeKey\":\"k3y\",\"batch\":[{\"type\":\"track\",\"userId\":\"42\",\"event\":\"A\"}]}";
      byte[] zipped = GunzipTest.zip((batch + " ".repeat(PART)).getBytes(StandardCharsets.UTF_8));
      String head =
          "POST /v1/batch HTTP/1.1\r\nHost: x\r\nContent-Encoding: gzip\r\nContent-Length: "
              + zipped.length
              + "\r\n\r\n";
      try (RawClient one = edge.raw();
          RawClient two = edge.raw();
          RawClient three = edge.raw()) {
        one.send(head).send(zipped);
        two.send(head).send(zipped);
        EdgeIT.eventually(() -> edge.load.bodyMemory() > 2 * PART);
        assertThat(three.send(head).send(zipped).read().status()).isEqualTo(503);
        edge.logGate.complete();
        assertThat(one.read().status()).isEqualTo(200);
        assertThat(two.read().status()).isEqualTo(200);
        EdgeIT.eventually(() -> edge.load.bodyMemory() == 0);
        assertThat(three.send(head).send(zipped).read().status()).isEqualTo(200);
      }
      EdgeIT.eventually(() -> edge.load.bodyMemory() == 0);
    }
  }

  @Test
  void halfMessagesOfGrpcCount() throws Exception {
    try (TestEdge edge = new TestEdge(SETTINGS)) {
      HttpClient http2 =
          edge.vertx.createHttpClient(
              new HttpClientOptions()
                  .setProtocolVersion(HttpVersion.HTTP_2)
                  .setHttp2ClearTextUpgrade(false)
                  .setDefaultHost("127.0.0.1")
                  .setDefaultPort(edge.port));
      List<HttpClientRequest> streams = new ArrayList<>();
      for (int i = 0; i < 2; i++) {
        streams.add(halfMessage(http2));
        int sent = streams.size();
        EdgeIT.eventually(() -> edge.load.bodyMemory() >= (long) sent * PART);
      }
      HttpClientRequest refused = halfMessage(http2);
      String status =
          TestEdge.await(refused.response().map(answer -> answer.getHeader("grpc-status")));
      assertThat(status).as("UNAVAILABLE").isEqualTo("14");
      for (HttpClientRequest stream : streams) {
        var unused = stream.reset();
      }
      EdgeIT.eventually(() -> edge.load.bodyMemory() == 0);
    }
  }

  private static HttpClientRequest halfMessage(HttpClient http2) {
    HttpClientRequest request =
        TestEdge.await(
            http2.request(HttpMethod.POST, "/tidegate.ingestion.v1.EventService/Publish"));
    request
        .putHeader("content-type", "application/grpc")
        .putHeader("te", "trailers")
        .putHeader("authorization", TestEdge.basic())
        .setChunked(true);
    var unused =
        request.write(
            Buffer.buffer().appendByte((byte) 0).appendInt(500_000).appendBytes(new byte[PART]));
    return request;
  }
}
