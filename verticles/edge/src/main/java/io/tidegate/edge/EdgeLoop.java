package io.tidegate.edge;

import io.tidegate.bus.Failure;
import io.tidegate.bus.FailureException;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpHeaders;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What the exchanges of one event loop share. */
final class EdgeLoop {
  private static final Logger log = LoggerFactory.getLogger(EdgeLoop.class);

  /** IMF-fixdate of RFC 9110, 5.6.7: unlike RFC 1123's date its day always has two digits. */
  private static final DateTimeFormatter DATE =
      DateTimeFormatter.ofPattern("EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.ENGLISH)
          .withZone(ZoneOffset.UTC);

  private final Vertx vertx;
  private final Cors cors;
  private final EdgeLoad load;
  private final EdgeMetrics metrics;
  private final boolean accessLog;
  private CharSequence date = now();

  EdgeLoop(Vertx vertx, EdgeConfig config, EdgeLoad load, EdgeMetrics metrics) {
    this.vertx = vertx;
    this.cors = new Cors(config.corsOrigins());
    this.load = load;
    this.metrics = metrics;
    this.accessLog = config.accessLog();
  }

  Vertx vertx() {
    return vertx;
  }

  Cors cors() {
    return cors;
  }

  EdgeMetrics metrics() {
    return metrics;
  }

  EdgeLoad load() {
    return load;
  }

  boolean draining() {
    return load.draining();
  }

  /** The Date header's value, made once a second. */
  CharSequence date() {
    return date;
  }

  void tick() {
    date = now();
    load.faults().tick();
  }

  /** Counts out an exchange that was refused before it was counted in. */
  void refused(Exchange exchange) {
    long now = System.nanoTime();
    exchange.peer().requestEnds(exchange, now);
    metrics.done("refused", Exchange.NO_ROUTE, exchange.status(), exchange.nanosUntil(now));
    exchange.body().over();
    logFault(exchange, exchange.status());
  }

  /** Counts an exchange out, once: whether it was answered, failed, or left by its client. */
  void ended(Exchange exchange) {
    long now = System.nanoTime();
    if (!exchange.peer().requestEnds(exchange, now)) {
      return;
    }
    load.leave();
    exchange.cancelTimer();
    exchange.body().over();
    int status = exchange.status();
    metrics.done(exchange.operation(), exchange.route(), status, exchange.nanosUntil(now));
    logFault(exchange, status);
    if (accessLog) {
      log.atInfo()
          .addKeyValue("request_id", exchange.trace().requestId())
          .addKeyValue("traceparent", exchange.trace().traceparent())
          .addKeyValue("operation", exchange.operation())
          .addKeyValue("method", exchange.request().method())
          .addKeyValue("path", exchange.request().path())
          .addKeyValue("status", status)
          .addKeyValue("micros", exchange.nanosUntil(now) / 1_000)
          .addKeyValue("bytes_in", exchange.request().bytesRead())
          .addKeyValue("bytes_out", exchange.response().bytesWritten())
          .addKeyValue("client", exchange.peer().addressOf(exchange.request().headers()))
          .log("request");
    }
  }

  private void logFault(Exchange exchange, int status) {
    FailureException failure = exchange.failure();
    // What was unexpected has a line already, with its cause.
    if (status >= 500 && (failure == null || failure.failure() != Failure.INTERNAL)) {
      load.faults()
          .add(
              exchange.trace().requestId(),
              exchange.operation(),
              exchange.route(),
              status,
              failure);
    }
  }

  /** Something that should not happen did. */
  void unexpected(Exchange exchange, Throwable cause) {
    metrics.unexpected();
    log.atError()
        .setCause(cause)
        .addKeyValue("request_id", exchange.trace().requestId())
        .addKeyValue("operation", exchange.operation())
        .log("a request failed unexpectedly");
  }

  private static CharSequence now() {
    return HttpHeaders.createOptimized(dateOf(Instant.now()));
  }

  static String dateOf(Instant time) {
    return DATE.format(time);
  }
}
