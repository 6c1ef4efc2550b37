package io.tidegate.bench.peer;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.VerticleBase;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.internal.ContextInternal;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetClientOptions;
import io.vertx.core.net.SocketAddress;
import java.io.PrintStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/**
 * GETs at a steady rate, sent when they are due whether or not earlier ones were answered. The time
 * of each counts from when it was due, so a server that stalls, or a generator that is late, shows.
 *
 * <p>Arguments: {@code URL AUTHORIZATION RATE WARM-UP-SECONDS SECONDS}, the URL with http and a
 * port. What warms up does not count; in its first three quarters it is sent only while there is a
 * connection for it, or what a JVM that has just begun was late with would be in the figures.
 */
public final class OpenLoop extends VerticleBase {
  /** In its first half the warm-up sends so many times fewer: a JVM that has just begun is slow. */
  private static final int GENTLY = 4;

  private static final long LAST_ANSWERS_NANOS = TimeUnit.SECONDS.toNanos(5);
  private static final long TICK_MICROS = 200;
  private static final int MAX_CONNECTIONS = 256;

  private final Plan plan;
  private final Histogram latencies = new Histogram(TimeUnit.MINUTES.toNanos(1), 3);
  private final Deque<KeptConnection> idle = new ArrayDeque<>(MAX_CONNECTIONS);
  private final Deque<Long> late = new ArrayDeque<>();
  private final Promise<String> figures = Promise.promise();
  private @Nullable ScheduledFuture<?> ticks;
  private long begin;
  private long due;
  private long sent;
  private long answered;
  private long errors;
  private String firstError = "";

  /**
   * What is sent.
   *
   * @param rate requests a second
   * @param authorization of all of them; empty: none
   */
  record Plan(String url, String authorization, long rate, long warmUpNanos, long measuredNanos) {
    Plan {
      if (rate < 1) {
        throw new IllegalArgumentException("rate: " + rate + " (expected: >= 1 a second)");
      }
    }

    long intervalNanos() {
      return TimeUnit.SECONDS.toNanos(1) / rate;
    }
  }

  OpenLoop(Plan plan) {
    this.plan = plan;
  }

  /** Prints the figures. */
  public static void main(String[] args) {
    OpenLoop loop =
        new OpenLoop(
            new Plan(
                args[0],
                args[1],
                Long.parseLong(args[2]),
                TimeUnit.SECONDS.toNanos(Long.parseLong(args[3])),
                TimeUnit.SECONDS.toNanos(Long.parseLong(args[4]))));
    Vertx vertx =
        Vertx.vertx(new VertxOptions().setPreferNativeTransport(true).setEventLoopPoolSize(1));
    vertx
        .deployVerticle(loop)
        .compose(deployed -> loop.figures())
        .onSuccess(line -> new PrintStream(System.out, true, StandardCharsets.UTF_8).println(line))
        .onFailure(
            failure -> {
              throw new IllegalStateException(failure);
            })
        .eventually(vertx::close);
  }

  /** The line of {@link Figures}, and one before it when anything went wrong, once all is done. */
  Future<String> figures() {
    return figures.future();
  }

  @Override
  public Future<?> start() {
    URI url = URI.create(plan.url());
    Buffer request =
        Buffer.buffer(
            "GET "
                + url.getRawPath()
                + " HTTP/1.1\r\nhost: "
                + url.getAuthority()
                + (plan.authorization().isEmpty()
                    ? ""
                    : "\r\nauthorization: " + plan.authorization())
                + "\r\n\r\n");
    NetClient client = vertx.createNetClient(new NetClientOptions().setTcpNoDelay(true));
    SocketAddress server = SocketAddress.inetSocketAddress(url.getPort(), url.getHost());
    for (int i = 0; i < MAX_CONNECTIONS; i++) {
      idle.push(new KeptConnection(client, server, request));
    }
    begin = System.nanoTime();
    due = begin;
    // Vert.x's timers know milliseconds; a request would be half of one late by that alone.
    ContextInternal loop = (ContextInternal) context;
    var unused =
        loop.nettyEventLoop()
            .schedule(
                () -> loop.runOnContext(warm -> beginsToCount()),
                plan.warmUpNanos(),
                TimeUnit.NANOSECONDS);
    ticks =
        loop.nettyEventLoop()
            .scheduleAtFixedRate(
                () -> loop.runOnContext(tick -> sendWhatIsDue()),
                TICK_MICROS,
                TICK_MICROS,
                TimeUnit.MICROSECONDS);
    return Future.succeededFuture();
  }

  /**
   * From here on all is done as when it counts, for the rest of the warm-up: a JIT that has never
   * seen a figure taken throws its code away at the first one, and is late with hundreds.
   */
  private long practised() {
    return begin + plan.warmUpNanos() * 3 / 4;
  }

  private void beginsToCount() {
    latencies.reset();
    errors = 0;
    firstError = "";
  }

  private void sendWhatIsDue() {
    ScheduledFuture<?> ticking = ticks;
    if (ticking == null || ticking.isCancelled()) {
      return;
    }
    long now = System.nanoTime();
    long gentle = begin + plan.warmUpNanos() / 2;
    long practised = practised();
    long end = begin + plan.warmUpNanos() + plan.measuredNanos();
    long interval = plan.intervalNanos();
    while (due <= now && due < end) {
      if (due < practised && idle.isEmpty()) {
        due = Math.min(now + 1, practised);
        break;
      }
      send(due);
      due += due < gentle ? interval * GENTLY : interval;
    }
    if (due >= end && (answered == sent || now > end + LAST_ANSWERS_NANOS)) {
      ticking.cancel(false);
      String wrong =
          errors > 0 || answered < sent
              ? "first error: " + firstError + "; unanswered: " + (sent - answered) + "\n"
              : "";
      figures.complete(
          wrong + Figures.line(latencies, plan.measuredNanos(), errors + sent - answered, 0));
    }
  }

  private void send(long dueAt) {
    sent++;
    KeptConnection connection = idle.poll();
    if (connection == null) {
      late.add(dueAt);
    } else {
      send(dueAt, connection);
    }
  }

  private void send(long dueAt, KeptConnection connection) {
    connection
        .send()
        .onComplete(
            status -> {
              answered++;
              counts(dueAt, status.succeeded() ? status.result() : 0, status.cause());
              Long next = late.poll();
              if (next == null) {
                idle.push(connection);
              } else {
                send(next, connection);
              }
            });
  }

  private void counts(long dueAt, int status, @Nullable Throwable cause) {
    if (dueAt < practised()) {
      return;
    }
    latencies.recordValue(
        Math.min(System.nanoTime() - dueAt, latencies.getHighestTrackableValue()));
    if (cause != null || status >= 400) {
      errors++;
      firstError =
          firstError.isEmpty() ? cause != null ? cause.toString() : "status " + status : firstError;
    }
  }
}
