package io.tidegate.devstack;

import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.json.JsonObject;
import java.util.Locale;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * A small HTTP server to route to, with answers that show what a gateway did.
 *
 * <ul>
 *   <li>{@code /hello}: a greeting with the instance's name and the forwarded headers
 *   <li>{@code /echo}: method, path, query, headers and body (up to 1 MiB, else 413) of any request
 *   <li>{@code /slow?ms=}: answers after so many milliseconds, 0 to 60,000 (1,000)
 *   <li>{@code /status/CODE}: answers with that status, 200 to 599
 *   <li>{@code /stream?kb=}: so many KiB, 0 to 1,048,576 (1,024), in chunks
 *   <li>{@code /flaky?percent=}: 503 for so many in a hundred requests, 0 to 100 (50)
 *   <li>{@code /health}: 200
 * </ul>
 *
 * A value out of its range is a 400 that says so.
 */
public final class SampleUpstream extends VerticleBase {
  private static final int MAX_BODY = 1 << 20;
  private static final int CHUNK = 16 << 10;

  private final String name;
  private final int port;
  private @Nullable HttpServer server;

  /**
   * An instance that is not yet deployed.
   *
   * @param name told in {@code /hello}, to tell instances apart
   * @param port on 127.0.0.1; 0 takes a free one, see {@link #port()}
   */
  public SampleUpstream(String name, int port) {
    this.name = name;
    this.port = port;
  }

  /** Where it listens, once deployed; before that, what was asked for. */
  public int port() {
    HttpServer listening = server;
    return listening == null ? port : listening.actualPort();
  }

  @Override
  public Future<?> start() {
    HttpServerOptions options =
        new HttpServerOptions().setHost("127.0.0.1").setPort(port).setIdleTimeout(120);
    return vertx
        .createHttpServer(options)
        .requestHandler(this::handle)
        .listen()
        .onSuccess(listening -> server = listening);
  }

  private void handle(HttpServerRequest request) {
    String path = request.path() == null ? "/" : request.path();
    try {
      switch (path) {
        case "/hello" -> hello(request);
        case "/echo" -> echo(request);
        case "/slow" -> slow(request);
        case "/stream" -> stream(request);
        case "/flaky" -> flaky(request);
        case "/health" -> json(request, 200, new JsonObject().put("status", "up"));
        default -> {
          if (path.startsWith("/status/")) {
            int code = within("status", path.substring("/status/".length()), 200, 599);
            json(request, code, new JsonObject().put("status", code));
          } else {
            json(request, 404, new JsonObject().put("error", "no such path: " + path));
          }
        }
      }
    } catch (IllegalArgumentException e) {
      json(request, 400, new JsonObject().put("error", e.getMessage()));
    }
  }

  private void hello(HttpServerRequest request) {
    JsonObject forwarded = new JsonObject();
    request
        .headers()
        .forEach(
            (key, value) -> {
              String header = key.toLowerCase(Locale.ROOT);
              if (header.startsWith("x-")
                  || header.equals("forwarded")
                  || header.equals("via")
                  || header.equals("traceparent")) {
                forwarded.put(header, value);
              }
            });
    json(
        request,
        200,
        new JsonObject()
            .put("greeting", "hello")
            .put("instance", name)
            .put("path", request.uri())
            .put("forwarded", forwarded));
  }

  private void echo(HttpServerRequest request) {
    Buffer body = Buffer.buffer();
    request.handler(
        chunk -> {
          if (body.length() + chunk.length() <= MAX_BODY) {
            body.appendBuffer(chunk);
          } else if (!request.response().ended()) {
            json(request, 413, new JsonObject().put("error", "body over " + MAX_BODY + " bytes"));
          }
        });
    request.endHandler(
        end -> {
          if (!request.response().ended()) {
            json(request, 200, described(request, body));
          }
        });
  }

  private JsonObject described(HttpServerRequest request, Buffer body) {
    JsonObject headers = new JsonObject();
    request.headers().forEach((key, value) -> headers.put(key.toLowerCase(Locale.ROOT), value));
    return new JsonObject()
        .put("instance", name)
        .put("method", request.method().name())
        .put("path", request.path())
        .put("query", request.query())
        .put("headers", headers)
        .put("body", body.toString());
  }

  private void slow(HttpServerRequest request) {
    int millis = parameter(request, "ms", 1_000, 60_000);
    long timer =
        vertx.setTimer(
            Math.max(1, millis), id -> json(request, 200, new JsonObject().put("ms", millis)));
    request.response().closeHandler(closed -> vertx.cancelTimer(timer));
  }

  private void flaky(HttpServerRequest request) {
    int percent = parameter(request, "percent", 50, 100);
    boolean fails = ThreadLocalRandom.current().nextInt(100) < percent;
    json(request, fails ? 503 : 200, new JsonObject().put("failed", fails).put("instance", name));
  }

  private void stream(HttpServerRequest request) {
    long left = parameter(request, "kb", 1_024, 1 << 20) * 1_024L;
    HttpServerResponse response = request.response();
    response.putHeader("Content-Type", "application/octet-stream").setChunked(true);
    pump(response, left);
  }

  /** Writes until the connection is full, and goes on when it has drained. */
  private static void pump(HttpServerResponse response, long left) {
    while (left > 0 && !response.closed()) {
      if (response.writeQueueFull()) {
        long rest = left;
        response.drainHandler(drained -> pump(response, rest));
        return;
      }
      int size = (int) Math.min(CHUNK, left);
      response.write(Buffer.buffer(new byte[size]));
      left -= size;
    }
    if (!response.closed()) {
      response.end();
    }
  }

  private static int parameter(HttpServerRequest request, String key, int otherwise, int most) {
    String value = request.getParam(key);
    return value == null ? otherwise : within(key, value, 0, most);
  }

  private static int within(String key, String value, int least, int most) {
    try {
      int number = Integer.parseInt(value);
      if (number >= least && number <= most) {
        return number;
      }
    } catch (NumberFormatException e) {
      // Told below, like a number out of range.
    }
    throw new IllegalArgumentException(
        key + ": " + value + " (expected: " + least + " to " + most + ")");
  }

  private static void json(HttpServerRequest request, int status, JsonObject body) {
    HttpServerResponse response = request.response();
    if (!response.ended() && !response.closed()) {
      response.setStatusCode(status).putHeader("Content-Type", "application/json");
      response.end(body.toBuffer());
    }
  }
}
