package io.tidegate.edge;

import io.tidegate.bus.Failure;
import io.tidegate.bus.FailureException;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpVersion;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads request bodies whole: bounded while they stream in, unzipped within the same bound, and
 * given up when they are not complete in time. One an event loop, used only there.
 */
final class Bodies {
  private final long timeLimitNanos;
  private final Set<Reading> underWay = new LinkedHashSet<>();

  Bodies(EdgeConfig config) {
    this.timeLimitNanos = config.bodyTimeout().toNanos();
  }

  /**
   * The body, plain.
   *
   * @param limit most bytes, as sent and unzipped
   * @return fails with {@link Failure#PAYLOAD_TOO_LARGE}, {@link Failure#UNSUPPORTED_MEDIA_TYPE}
   *     (another encoding than gzip), {@link Failure#BAD_REQUEST} (broken gzip), {@link
   *     Failure#REQUEST_TIMEOUT}, {@link Failure#OVERLOADED} (the node holds too much of others) or
   *     {@link Failure#CLIENT_CLOSED}
   */
  Future<Buffer> read(Exchange exchange, int limit) {
    String encoding = exchange.request().getHeader(HttpHeaders.CONTENT_ENCODING);
    boolean zipped =
        encoding != null
            && (encoding.equalsIgnoreCase("gzip") || encoding.equalsIgnoreCase("x-gzip"));
    if (encoding != null && !zipped && !encoding.equalsIgnoreCase("identity")) {
      return Future.failedFuture(
          Failure.UNSUPPORTED_MEDIA_TYPE.because(
              "content-encoding: " + encoding + " (expected: gzip or none)"));
    }
    if (exchange.body().declaredLength() > limit) {
      return Future.failedFuture(
          Failure.PAYLOAD_TOO_LARGE.because(
              "content-length: "
                  + exchange.body().declaredLength()
                  + " (expected: <= "
                  + limit
                  + ")"));
    }
    if (exchange.request().version() != HttpVersion.HTTP_1_0 // RFC 9110, 10.1.1
        && "100-continue".equalsIgnoreCase(exchange.request().getHeader(HttpHeaders.EXPECT))) {
      exchange.response().writeContinue();
    }
    FailureException broken = exchange.body().broken();
    if (broken != null) {
      return Future.failedFuture(broken);
    }
    Reading reading = new Reading(exchange, limit, System.nanoTime() + timeLimitNanos);
    reading.start();
    return zipped ? reading.whole().map(body -> unzipped(exchange, body, limit)) : reading.whole();
  }

  private static Buffer unzipped(Exchange exchange, Buffer zipped, int limit) {
    byte[] plain = Gunzip.unzip(zipped.getBytes(), limit);
    exchange.body().hold(plain.length);
    return Buffer.buffer(plain);
  }

  /** Gives up on bodies that are overdue. */
  void sweep(long now) {
    while (true) {
      Iterator<Reading> oldest = underWay.iterator();
      if (!oldest.hasNext()) {
        return;
      }
      Reading reading = oldest.next();
      if (now - reading.deadline < 0) {
        return;
      }
      reading.give(
          Failure.REQUEST_TIMEOUT.because(
              "body: " + reading.length() + " bytes in time (expected: all of it)"));
    }
  }

  private final class Reading {
    private final Exchange exchange;
    private final int limit;
    private final long deadline;
    private final Promise<Buffer> promise = Promise.promise();
    private @Nullable Buffer body;
    private boolean done;

    Reading(Exchange exchange, int limit, long deadline) {
      this.exchange = exchange;
      this.limit = limit;
      this.deadline = deadline;
    }

    void start() {
      underWay.add(this);
      exchange
          .request()
          .handler(this::take)
          .exceptionHandler(
              gone ->
                  give(
                      gone instanceof FailureException broken
                          ? broken
                          : Failure.CLIENT_CLOSED.because(
                              "the client left while it sent the body")))
          .endHandler(end -> complete())
          .resume();
    }

    Future<Buffer> whole() {
      return promise.future();
    }

    int length() {
      return body == null ? 0 : body.length();
    }

    private void take(Buffer chunk) {
      if (done) {
        return;
      }
      if (length() + chunk.length() > limit) {
        give(
            Failure.PAYLOAD_TOO_LARGE.because(
                "body: more than " + limit + " bytes (expected: <= " + limit + ")"));
        return;
      }
      try {
        exchange.body().hold(chunk.length());
      } catch (FailureException overloaded) {
        give(overloaded);
        return;
      }
      if (body == null) {
        body = chunk;
      } else {
        // The first chunk may be a slice that cannot grow.
        body = length() == 0 ? chunk : growable(body).appendBuffer(chunk);
      }
    }

    private boolean grown;

    private Buffer growable(Buffer first) {
      if (grown) {
        return first;
      }
      grown = true;
      return Buffer.buffer(first.length() * 4).appendBuffer(first);
    }

    private void complete() {
      if (!done) {
        done = true;
        underWay.remove(this);
        exchange.bodyTaken();
        promise.complete(body == null ? Buffer.buffer() : body);
      }
    }

    /** The body stays unread in part: the exchange sees to it. */
    private void give(Throwable failure) {
      if (!done) {
        done = true;
        underWay.remove(this);
        exchange.body().letGo(length());
        body = null;
        promise.fail(failure);
      }
    }
  }
}
