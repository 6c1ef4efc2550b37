package io.tidegate.bench.peer;

import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.internal.ContextInternal;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/**
 * GETs at a steady rate, sent when they are due whether or not earlier ones were answered. The time
 * of each counts from when it was due, so a server that stalls, or a generator that is late, shows.
 *
 * <p>Arguments: {@code URL AUTHORIZATION RATE WARM-UP-SECONDS SECONDS}. What warms up does not
 * count.
 */
public final class OpenLoop extends VerticleBase {
  /** In its first half the warm-up sends so many times fewer: a JVM that has just begun is slow. */
  private static final int GENTLY = 4;

  private static final long LAST_ANSWERS_NANOS = TimeUnit.SECONDS.toNanos(5);
  private static final long TICK_MICROS = 200;
  private static final int MAX_CONNECTIONS = 256;
  private static final int MAX_WAITING = 100_000;

  private final RequestOptions request;
  private final long intervalNanos;
  private final long warmUpNanos;
  private final long measuredNanos;
  private final Histogram latencies = new Histogram(TimeUnit.MINUTES.toNanos(1), 3);
  private @Nullable HttpClient client;
  private @Nullable ScheduledFuture<?> ticks;
  private long begin;
  private long due;
  private long sent;
  private long answered;
  private long errors;
  private String firstError = "";

  private OpenLoop(RequestOptions request, long rate, long warmUpSeconds, long seconds) {
    this.request = request;
    this.warmUpNanos = TimeUnit.SECONDS.toNanos(warmUpSeconds);
    this.intervalNanos = TimeUnit.SECONDS.toNanos(1) / rate;
    this.measuredNanos = TimeUnit.SECONDS.toNanos(seconds);
  }

  /** Prints the figures. */
  public static void main(String[] args) {
    RequestOptions request = new RequestOptions().setMethod(HttpMethod.GET).setAbsoluteURI(args[0]);
    if (!args[1].isEmpty()) {
      request.putHeader("authorization", args[1]);
    }
    Vertx vertx =
        Vertx.vertx(new VertxOptions().setPreferNativeTransport(true).setEventLoopPoolSize(1));
    OpenLoop loop =
        new OpenLoop(
            request, Long.parseLong(args[2]), Long.parseLong(args[3]), Long.parseLong(args[4]));
    vertx
        .deployVerticle(loop)
        .onFailure(
            failure -> {
              throw new IllegalStateException(failure);
            });
  }

  @Override
  public Future<?> start() {
    client =
        vertx.createHttpClient(
            new HttpClientOptions(),
            new PoolOptions().setHttp1MaxSize(MAX_CONNECTIONS).setMaxWaitQueueSize(MAX_WAITING));
    begin = System.nanoTime();
    due = begin;
    // Vert.x's timers know milliseconds; a request would be half of one late by that alone.
    ContextInternal loop = (ContextInternal) context;
    ticks =
        loop.nettyEventLoop()
            .scheduleAtFixedRate(
                () -> loop.runOnContext(tick -> sendWhatIsDue()),
                TICK_MICROS,
                TICK_MICROS,
                TimeUnit.MICROSECONDS);
    return Future.succeededFuture();
  }

  private void sendWhatIsDue() {
    ScheduledFuture<?> ticking = ticks;
    if (ticking == null || ticking.isCancelled()) {
      return;
    }
    long now = System.nanoTime();
    long end = begin + warmUpNanos + measuredNanos;
    while (due <= now && due < end) {
      send(due);
      due += due - begin < warmUpNanos / 2 ? intervalNanos * GENTLY : intervalNanos;
    }
    if (due >= end && (answered == sent || now > end + LAST_ANSWERS_NANOS)) {
      ticking.cancel(false);
      PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
      if (errors > 0 || answered < sent) {
        out.println("first error: " + firstError + "; unanswered: " + (sent - answered));
      }
      out.println(Figures.line(latencies, measuredNanos, errors + sent - answered, 0));
      vertx.close();
    }
  }

  private void send(long dueAt) {
    HttpClient to = client;
    if (to == null) {
      throw new IllegalStateException("not started");
    }
    sent++;
    to.request(request)
        .compose(out -> out.send())
        .compose(OpenLoop::statusAfterBody)
        .onComplete(
            status -> {
              answered++;
              if (dueAt < begin + warmUpNanos) {
                return;
              }
              latencies.recordValue(
                  Math.min(System.nanoTime() - dueAt, latencies.getHighestTrackableValue()));
              if (status.failed() || status.result() >= 400) {
                errors++;
                firstError =
                    firstError.isEmpty()
                        ? status.failed() ? status.cause().toString() : "status " + status.result()
                        : firstError;
              }
            });
  }

  private static Future<Integer> statusAfterBody(HttpClientResponse in) {
    return in.end().map(ended -> in.statusCode());
  }
}
