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
import io.vertx.httpproxy.HttpProxy;
import org.jspecify.annotations.Nullable;

/**
 * Vert.x with nothing on top of it, the floor under everything written with it: a constant JSON
 * answer, a forwarder that copies headers and a buffered body, or vertx-http-proxy.
 *
 * <p>Arguments: {@code json PORT BYTES-OF-BODY}, {@code forward PORT UPSTREAM-PORT} or {@code proxy
 * PORT UPSTREAM-PORT}.
 *
 * <p>Connections are spread over the loops by Vert.x, or, with {@value #REUSE_PORT} in the
 * environment, by the kernel: each loop listens for itself (SO_REUSEPORT).
 */
public final class BareVertx extends VerticleBase {
  /** Variable of the environment: {@code true} for a listener of its own for each loop. */
  public static final String REUSE_PORT = "BENCH_REUSE_PORT";

  private static final int MAX_CONNECTIONS = 512;

  private static final boolean REUSES_PORT = Boolean.parseBoolean(System.getenv(REUSE_PORT));
  private static final String JSON = "json";
  private static final String PROXY = "proxy";

  private final String mode;
  private final int port;
  private final int upstream;
  private final Buffer json;
  private @Nullable HttpClient client;

  private BareVertx(String mode, int port, int number) {
    this.mode = mode;
    this.port = port;
    this.upstream = number;
    this.json = mode.equals(JSON) ? Buffer.buffer(body(number)) : Buffer.buffer();
  }

  private static String body(int bytes) {
    String begin = "{\"padding\":\"";
    String end = "\"}";
    return begin + "x".repeat(Math.max(0, bytes - begin.length() - end.length())) + end;
  }

  /** Runs until the process is ended. */
  public static void main(String[] args) {
    int port = Integer.parseInt(args[1]);
    int number = Integer.parseInt(args[2]);
    int loops = Runtime.getRuntime().availableProcessors();
    // Servers of one Vertx share their listener.
    int listeners = REUSES_PORT ? loops : 1;
    for (int listener = 0; listener < listeners; listener++) {
      Vertx vertx =
          Vertx.vertx(
              new VertxOptions()
                  .setPreferNativeTransport(true)
                  .setEventLoopPoolSize(loops / listeners));
      vertx
          .deployVerticle(
              () -> new BareVertx(args[0], port, number),
              new DeploymentOptions().setInstances(loops / listeners))
          .onFailure(
              failure -> {
                throw new IllegalStateException(failure);
              });
    }
  }

  @Override
  public Future<?> start() {
    HttpClient to =
        vertx.createHttpClient(
            new HttpClientOptions(), new PoolOptions().setHttp1MaxSize(MAX_CONNECTIONS));
    client = to;
    return vertx
        .createHttpServer(
            new HttpServerOptions().setHost("127.0.0.1").setPort(port).setReusePort(REUSES_PORT))
        .requestHandler(
            switch (mode) {
              case JSON -> this::answer;
              case PROXY -> HttpProxy.reverseProxy(to).origin(upstream, "127.0.0.1");
              default -> this::forward;
            })
        .listen();
  }

  private void answer(HttpServerRequest request) {
    request.endHandler(
        end ->
            request.response().putHeader(HttpHeaders.CONTENT_TYPE, "application/json").end(json));
  }

  private void forward(HttpServerRequest request) {
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
