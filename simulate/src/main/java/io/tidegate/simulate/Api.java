package io.tidegate.simulate;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;

/**
 * The gateway's public API as a client sees it. Every request ends within {@link #TIME_LIMIT} in an
 * {@link Answer}; the futures never fail. May be called from any thread; answers arrive on one
 * event loop.
 */
final class Api {
  static final Duration TIME_LIMIT = Duration.ofSeconds(30);
  private static final int CONNECT_MILLIS = 3_000;

  /** Below this, gzip costs more than it saves. */
  private static final int GZIP_FROM_BYTES = 1_024;

  private static final ObjectMapper JSON = new ObjectMapper();

  private final URI base;
  private final HttpClient client;
  private final Context context;
  private final String writeKeyHeader;
  private final List<String> tokenHeaders;
  private int nextToken;

  /**
   * @param context where answers arrive
   * @param base http or https address, its path a prefix of every path
   * @param tokens taken in turn, as if by so many people
   * @param connections at most so many are open
   */
  Api(Context context, URI base, String writeKey, List<String> tokens, int connections) {
    this.base = base;
    this.context = context;
    this.client =
        context
            .owner()
            .createHttpClient(
                new HttpClientOptions()
                    .setSsl(base.getScheme().equals("https"))
                    .setConnectTimeout(CONNECT_MILLIS)
                    .setKeepAliveTimeout(30)
                    .setDecompressionSupported(true),
                new PoolOptions().setHttp1MaxSize(connections));
    this.writeKeyHeader =
        "Basic "
            + Base64.getEncoder().encodeToString((writeKey + ":").getBytes(StandardCharsets.UTF_8));
    this.tokenHeaders = tokens.stream().map(token -> "Bearer " + token).toList();
  }

  Future<Answer> send(Call call) {
    Promise<Answer> answered = Promise.promise();
    context.runOnContext(
        ignored ->
            exchange(call)
                .timeout(TIME_LIMIT.toMillis(), TimeUnit.MILLISECONDS)
                .otherwise(cause -> new Answer(0, reason(cause), null))
                .onComplete(answered));
    return answered.future();
  }

  private Future<Answer> exchange(Call call) {
    var options =
        new RequestOptions()
            .setHost(base.getHost())
            .setPort(port())
            .setMethod(HttpMethod.valueOf(call.method()))
            .setURI(path(call))
            .setIdleTimeout(TIME_LIMIT.toMillis())
            .putHeader(
                HttpHeaders.AUTHORIZATION,
                call.auth() == Call.Auth.WRITE_KEY ? writeKeyHeader : tokenHeader());
    return client
        .request(options)
        .compose(
            request -> {
              Buffer body = Buffer.buffer();
              if (call.body() != null) {
                body = Buffer.buffer(call.body());
                request.putHeader(HttpHeaders.CONTENT_TYPE, "application/json");
                if (body.length() >= GZIP_FROM_BYTES) {
                  body = gzip(body);
                  request.putHeader(HttpHeaders.CONTENT_ENCODING, "gzip");
                }
              }
              return request.send(body);
            })
        .compose(response -> response.body().map(body -> answer(response, body)));
  }

  @Override
  public String toString() {
    return base.toString();
  }

  /** Called on the event loop only. */
  private String tokenHeader() {
    return tokenHeaders.get(Math.floorMod(nextToken++, tokenHeaders.size()));
  }

  private int port() {
    if (base.getPort() > 0) {
      return base.getPort();
    }
    return base.getScheme().equals("https") ? 443 : 80;
  }

  private String path(Call call) {
    String prefix = base.getRawPath() == null ? "" : base.getRawPath();
    return prefix.endsWith("/")
        ? prefix.substring(0, prefix.length() - 1) + call.path()
        : prefix + call.path();
  }

  private static Answer answer(HttpClientResponse response, Buffer body) {
    int status = response.statusCode();
    return new Answer(
        status,
        status < 400 ? "" : problem(body),
        retryAfter(response.getHeader(HttpHeaders.RETRY_AFTER), Instant.now()));
  }

  /** What a problem document (RFC 9457) says; any other body says nothing. */
  private static String problem(Buffer body) {
    try {
      var document = JSON.readTree(body.getBytes());
      String detail = document.path("detail").asText("");
      return detail.isEmpty() ? document.path("title").asText("") : detail;
    } catch (IOException e) {
      return "";
    }
  }

  /** RFC 9110, 10.2.3: seconds, or a date. */
  static @Nullable Duration retryAfter(@Nullable String header, Instant now) {
    if (header == null) {
      return null;
    }
    try {
      if (header.matches("[0-9]{1,9}")) {
        return Duration.ofSeconds(Long.parseLong(header));
      }
      var until = ZonedDateTime.parse(header, DateTimeFormatter.RFC_1123_DATE_TIME).toInstant();
      return until.isAfter(now) ? Duration.between(now, until) : Duration.ZERO;
    } catch (DateTimeException e) {
      return null;
    }
  }

  private static String reason(Throwable cause) {
    return switch (cause) {
      case UnknownHostException e -> "unknown host";
      case TimeoutException e -> "timed out";
      case ConnectException e ->
          String.valueOf(e.getMessage()).contains("timed out")
              ? "connect timed out"
              : "connection refused";
      case IOException e -> "connection lost";
      default -> cause.getClass().getSimpleName();
    };
  }

  private static Buffer gzip(Buffer plain) {
    var packed = new ByteArrayOutputStream(plain.length() / 4);
    try (var gzip = new GZIPOutputStream(packed)) {
      gzip.write(plain.getBytes());
    } catch (IOException e) {
      throw new UncheckedIOException("memory can't fail", e);
    }
    return Buffer.buffer(packed.toByteArray());
  }

  /** JSON text of a tree that can't fail to be written: maps, lists, strings, numbers. */
  static String json(Object tree) {
    try {
      return JSON.writeValueAsString(tree);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("not plain data: " + tree.getClass(), e);
    }
  }
}
