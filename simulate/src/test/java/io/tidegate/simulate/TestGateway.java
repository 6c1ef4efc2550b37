package io.tidegate.simulate;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The public API as far as a client can see it, with trouble on order. Keeps every event that
 * arrived, acknowledged or not, once by message id and in the order of first arrival by user.
 */
final class TestGateway implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** What the gateway does with a batch that has events; the number counts those from 1. */
  interface Script {
    Reply reply(int batch);
  }

  /**
   * TAKE acknowledges; CUT takes the events and dies before the answer; the others take nothing.
   */
  enum Kind {
    TAKE,
    CUT,
    REFUSE
  }

  record Reply(Kind kind, int status, Map<String, String> headers) {
    static final Reply TAKE = new Reply(Kind.TAKE, 200, Map.of());
    static final Reply CUT = new Reply(Kind.CUT, 0, Map.of());

    static Reply refuse(int status) {
      return new Reply(Kind.REFUSE, status, Map.of());
    }

    static Reply refuse(int status, String retryAfter) {
      return new Reply(Kind.REFUSE, status, Map.of("Retry-After", retryAfter));
    }
  }

  final Map<String, JsonNode> events = new ConcurrentHashMap<>();
  final Map<String, List<Long>> timesByUser = new ConcurrentHashMap<>();
  final Set<String> paths = ConcurrentHashMap.newKeySet();
  final List<Integer> batchSizes = Collections.synchronizedList(new ArrayList<>());
  final AtomicInteger batches = new AtomicInteger();
  final AtomicInteger inFlight = new AtomicInteger();
  final AtomicInteger mostInFlight = new AtomicInteger();

  volatile Script script = batch -> Reply.TAKE;
  volatile int profileStatus = 404;
  volatile int routedStatus = 200;
  volatile int eventStatus = 200;
  volatile int batchMillis;

  private final Vertx vertx = Vertx.vertx();
  private HttpServer server;
  private int port;

  TestGateway() {
    start();
  }

  String url() {
    return "http://127.0.0.1:" + port;
  }

  /** Listens, on the port it had before if there was one. */
  void start() {
    server =
        await(
            vertx
                .createHttpServer(new HttpServerOptions().setDecompressionSupported(true))
                .requestHandler(this::handle)
                .listen(port, "127.0.0.1"));
    port = server.actualPort();
  }

  /** Every connection is cut, none is taken any more. */
  void kill() {
    await(server.close());
  }

  private void handle(HttpServerRequest request) {
    request.body().onSuccess(body -> answer(request, body));
  }

  private void answer(HttpServerRequest request, Buffer body) {
    paths.add(request.method() + " " + request.path());
    String authorization = String.valueOf(request.getHeader("Authorization"));
    if (request.path().startsWith("/v1/customers/")) {
      end(request, authorization.startsWith("Bearer ey") ? profileStatus : 401, Map.of());
    } else if (!request.path().startsWith("/v1/")) {
      end(request, routedStatus, Map.of());
    } else if (!authorization.equals("Basic ZGV2Og==")) {
      end(request, 401, Map.of());
    } else if (request.path().equals("/v1/batch")) {
      batch(request, json(body).path("batch"));
    } else {
      take(json(body));
      end(request, eventStatus, Map.of());
    }
  }

  private void batch(HttpServerRequest request, JsonNode batch) {
    if (batch.isEmpty()) {
      end(request, 400, Map.of());
      return;
    }
    mostInFlight.accumulateAndGet(inFlight.incrementAndGet(), Math::max);
    Reply reply = script.reply(batches.incrementAndGet());
    Runnable act =
        () -> {
          inFlight.decrementAndGet();
          switch (reply.kind()) {
            case TAKE -> {
              batchSizes.add(batch.size());
              batch.forEach(this::take);
              end(request, 200, Map.of());
            }
            case CUT -> {
              batch.forEach(this::take);
              request.connection().close();
            }
            case REFUSE -> end(request, reply.status(), reply.headers());
          }
        };
    if (batchMillis > 0) {
      vertx.setTimer(batchMillis, timer -> act.run());
    } else {
      act.run();
    }
  }

  private void take(JsonNode event) {
    boolean first = events.putIfAbsent(event.path("messageId").asText(), event) == null;
    if (first && event.has("userId")) {
      timesByUser
          .computeIfAbsent(
              event.path("userId").asText(),
              user -> Collections.synchronizedList(new ArrayList<>()))
          .add(Instant.parse(event.path("timestamp").asText()).getEpochSecond());
    }
  }

  private static void end(HttpServerRequest request, int status, Map<String, String> headers) {
    var response = request.response().setStatusCode(status);
    headers.forEach(response::putHeader);
    response.end(
        status < 400 ? "{\"success\":true}" : "{\"title\":\"refused\",\"detail\":\"on order\"}");
  }

  private static JsonNode json(Buffer body) {
    try {
      return JSON.readTree(body.getBytes());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static <T> T await(Future<T> future) {
    try {
      return future.toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    await(vertx.close());
  }
}
