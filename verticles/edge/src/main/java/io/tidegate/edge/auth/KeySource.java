package io.tidegate.edge.auth;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Where a key set comes from: a file, or an http(s) URL; bounded in size and time, never on an
 * event loop.
 */
final class KeySource implements Supplier<Future<KeySet>> {
  private static final int MAX_BYTES = 256 * 1024;

  private final Vertx vertx;
  private final String location;
  private final Duration timeLimit;
  private final @Nullable HttpClient client;

  KeySource(Vertx vertx, String location, Duration timeLimit) {
    this.vertx = vertx;
    this.location = location;
    this.timeLimit = timeLimit;
    this.client =
        location.startsWith("http://") || location.startsWith("https://")
            ? vertx.createHttpClient(
                new HttpClientOptions()
                    .setConnectTimeout((int) timeLimit.toMillis())
                    .setIdleTimeout((int) timeLimit.toMillis())
                    .setIdleTimeoutUnit(TimeUnit.MILLISECONDS)
                    .setDecompressionSupported(false)
                    .setVerifyHost(true))
            : null;
  }

  @Override
  public Future<KeySet> get() {
    Future<Buffer> text = client == null ? file() : url(client);
    return text.timeout(timeLimit.toMillis(), TimeUnit.MILLISECONDS)
        .compose(json -> vertx.executeBlocking(() -> KeySet.parse(json.toString()), false))
        .recover(
            cause ->
                Future.failedFuture(
                    new IllegalStateException(
                        "auth.jwks: " + location + ": " + cause.getMessage(), cause)));
  }

  private Future<Buffer> file() {
    return vertx
        .fileSystem()
        .props(location)
        .compose(
            props ->
                props.size() > MAX_BYTES
                    ? Future.failedFuture(tooLong(props.size()))
                    : vertx.fileSystem().readFile(location));
  }

  private Future<Buffer> url(HttpClient http) {
    RequestOptions request =
        new RequestOptions()
            .setMethod(HttpMethod.GET)
            .setAbsoluteURI(location)
            .setTimeout(timeLimit.toMillis())
            .putHeader("Accept", "application/jwk-set+json, application/json");
    return http.request(request)
        .compose(io.vertx.core.http.HttpClientRequest::send)
        .compose(
            response ->
                response.statusCode() == 200
                    ? body(response)
                    : Future.failedFuture(
                        new IllegalStateException(
                            "status: " + response.statusCode() + " (expected: 200)")));
  }

  private static Future<Buffer> body(HttpClientResponse response) {
    Buffer all = Buffer.buffer();
    io.vertx.core.Promise<Buffer> promise = io.vertx.core.Promise.promise();
    response.handler(
        chunk -> {
          if (all.length() + chunk.length() > MAX_BYTES) {
            promise.tryFail(tooLong(all.length() + chunk.length()));
            var closing = response.request().connection().close();
            assert closing != null;
          } else {
            all.appendBuffer(chunk);
          }
        });
    response.exceptionHandler(promise::tryFail);
    response.endHandler(end -> promise.tryComplete(all));
    return promise.future();
  }

  private static IllegalStateException tooLong(long bytes) {
    return new IllegalStateException(
        "length: " + bytes + " bytes (expected: <= " + MAX_BYTES + ")");
  }
}
