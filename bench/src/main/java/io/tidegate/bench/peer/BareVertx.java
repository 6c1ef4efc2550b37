package io.tidegate.bench.peer;

import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import org.jspecify.annotations.Nullable;

/**
 * Vert.x with nothing on top of it, the floor under everything written with it: a constant JSON
 * answer, or a forwarder that copies headers and a buffered body.
 *
 * <p>Arguments: {@code json PORT BYTES-OF-BODY} or {@code forward PORT UPSTREAM-PORT}.
 */
public final class BareVertx extends VerticleBase {
  private static final int MAX_CONNECTIONS = 512;

  private final boolean forwards;
  private final int port;
  private final int upstream;
  private final Buffer json;
  private @Nullable HttpClient client;

  private BareVertx(boolean forwards, int port, int number) {
    this.forwards = forwards;
    this.port = port;
    this.upstream = number;
    this.json = forwards ? Buffer.buffer() : Buffer.buffer(body(number));
  }

  private static String body(int bytes) {
    String begin = "{\"padding\":\"";
    String end = "\"}";
    return begin + "x".repeat(Math.max(0, bytes - begin.length() - end.length())) + end;
  }

  /** Runs until the process is ended. */
  public static void main(String[] args) {
    boolean forwards = args[0].equals("forward");
    int port = Integer.parseInt(args[1]);
    int number = Integer.parseInt(args[2]);
    int loops = Runtime.getRuntime().availableProcessors();
    Vertx vertx =
        Vertx.vertx(new VertxOptions().setPreferNativeTransport(true).setEventLoopPoolSize(loops));
    vertx
        .deployVerticle(
            () -> new BareVertx(forwards, port, number),
            new DeploymentOptions().setInstances(loops))
        .onFailure(
            failure -> {
              throw new IllegalStateException(failure);
            });
  }

  @Override
  public Future<?> start() {
    client =
        vertx.createHttpClient(
            new HttpClientOptions(), new PoolOptions().setHttp1MaxSize(MAX_CONNECTIONS));
    return vertx
        .createHttpServer(new HttpServerOptions().setHost("127.0.0.1").setPort(port))
        .requestHandler(this::handle)
        .listen();
  }

  private void handle(HttpServerRequest request) {
    if (!forwards) {
      request.endHandler(
          end ->
              request.response().putHeader(HttpHeaders.CONTENT_TYPE, "application/json").end(json));
      return;
    }
    HttpClient to = client;
    if (to == null) {
      throw new IllegalStateException("not started");
    }
    RequestOptions options =
        new RequestOptions()
            .setHost("127.0.0.1")
            .setPort(upstream)
            .setMethod(request.method())
            .setURI(request.uri());
    request
        .body()
        .compose(
            body ->
                to.request(options)
                    .compose(
                        out -> {
                          out.headers().setAll(request.headers());
                          return out.send(body);
                        }))
        .compose(
            in ->
                in.body()
                    .compose(
                        body -> {
                          request.response().setStatusCode(in.statusCode());
                          request.response().headers().setAll(in.headers());
                          return request.response().end(body);
                        }))
        .onFailure(failure -> request.response().setStatusCode(502).end());
  }
}
