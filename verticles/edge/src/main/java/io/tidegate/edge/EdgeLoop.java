package io.tidegate.edge;

import io.vertx.core.Vertx;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What the exchanges of one event loop share. */
final class EdgeLoop {
  private static final Logger log = LoggerFactory.getLogger(EdgeLoop.class);

  private final Vertx vertx;
  private final Cors cors;
  private final EdgeLoad load;
  private final EdgeMetrics metrics;
  private final boolean accessLog;
  private String date = now();

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

  boolean draining() {
    return load.draining();
  }

  /** The Date header's value, made once a second. */
  String date() {
    return date;
  }

  void tick() {
    date = now();
  }

  /** Counts an exchange out: whether it was answered, failed, or left by its client. */
  void ended(Exchange exchange) {
    long now = System.nanoTime();
    load.leave();
    exchange.peer().requestEnds(now);
    int status = exchange.response().headWritten() ? exchange.response().getStatusCode() : 499;
    metrics.done(exchange.operation(), status, exchange.nanos());
    if (accessLog) {
      log.atInfo()
          .addKeyValue("request_id", exchange.trace().requestId())
          .addKeyValue("traceparent", exchange.trace().traceparent())
          .addKeyValue("operation", exchange.operation())
          .addKeyValue("method", exchange.request().method())
          .addKeyValue("path", exchange.request().path())
          .addKeyValue("status", status)
          .addKeyValue("micros", exchange.nanos() / 1_000)
          .addKeyValue("bytes_in", exchange.request().bytesRead())
          .addKeyValue("bytes_out", exchange.response().bytesWritten())
          .addKeyValue("client", exchange.peer().addressOf(exchange.request().headers()))
          .log("request");
    }
  }

  /** Something that should not happen did. */
  void unexpected(Exchange exchange, Throwable cause) {
    log.atError()
        .setCause(cause)
        .addKeyValue("request_id", exchange.trace().requestId())
        .addKeyValue("operation", exchange.operation())
        .log("a request failed unexpectedly");
  }

  private static String now() {
    return DateTimeFormatter.RFC_1123_DATE_TIME.format(Instant.now().atZone(ZoneOffset.UTC));
  }
}
