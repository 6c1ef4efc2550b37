package io.tidegate.routing;

import io.tidegate.bus.Failure;
import io.tidegate.bus.FailureException;
import io.vertx.core.http.ConnectionPoolTooBusyException;
import io.vertx.core.http.HttpClosedException;
import io.vertx.core.http.StreamResetException;
import java.net.ConnectException;
import java.net.UnknownHostException;
import java.util.Locale;
import javax.net.ssl.SSLException;

/**
 * Why an attempt failed, and whose fault it was.
 *
 * @param counts whether it counts against the endpoint's breaker
 */
record Blamed(Kind kind, FailureException failure, boolean counts) {
  /** What happened, as far as another attempt depends on it. */
  enum Kind {
    /** there was no connection, so nothing was sent */
    NOT_CONNECTED,
    /** the connection broke, or what came over it was not HTTP */
    BROKEN,
    /** it took too long */
    TIMED_OUT,
    /** it answered with a status that says try again */
    STATUS,
    /** this gateway has too many requests waiting for the upstream */
    REFUSED_HERE
  }

  static Blamed whenConnecting(Upstream upstream, Endpoint endpoint, Throwable cause) {
    if (cause instanceof ConnectionPoolTooBusyException) {
      return of(
          Kind.REFUSED_HERE,
          Failure.OVERLOADED,
          upstream,
          endpoint,
          "all "
              + upstream.settings().connections
              + " connections in use and "
              + upstream.settings().queue
              + " requests waiting",
          "gateway");
    }
    String text = String.valueOf(cause.getMessage()).toLowerCase(Locale.ROOT);
    if ((cause instanceof ConnectException && text.contains("timed out"))
        || cause.getClass().getSimpleName().contains("Timeout")) {
      return of(
          Kind.NOT_CONNECTED,
          Failure.UPSTREAM_TIMEOUT,
          upstream,
          endpoint,
          "no connection within " + upstream.settings().connectTimeout.toMillis() + " ms",
          "upstream");
    }
    if (cause instanceof UnknownHostException) {
      return of(
          Kind.NOT_CONNECTED,
          Failure.UPSTREAM_REFUSED,
          upstream,
          endpoint,
          "unknown host",
          "upstream");
    }
    if (cause instanceof SSLException) {
      return of(
          Kind.NOT_CONNECTED,
          Failure.UPSTREAM_FAILED,
          upstream,
          endpoint,
          "TLS handshake failed: " + cause.getMessage(),
          "upstream");
    }
    return of(
        Kind.NOT_CONNECTED,
        Failure.UPSTREAM_REFUSED,
        upstream,
        endpoint,
        "refused the connection",
        "upstream");
  }

  static Blamed beforeAnswer(Upstream upstream, Endpoint endpoint, Throwable cause) {
    String what =
        cause instanceof HttpClosedException
                || cause instanceof StreamResetException
                || cause instanceof java.io.IOException
            ? "closed the connection before it answered"
            : "did not answer in HTTP: " + cause.getMessage();
    return of(Kind.BROKEN, Failure.UPSTREAM_FAILED, upstream, endpoint, what, "upstream");
  }

  static Blamed timedOut(Upstream upstream, Endpoint endpoint, String what) {
    return of(Kind.TIMED_OUT, Failure.UPSTREAM_TIMEOUT, upstream, endpoint, what, "upstream");
  }

  /** {@code BREAKER_OPEN} as {@code breaker-open}. */
  static String word(Failure failure) {
    return failure.name().toLowerCase(Locale.ROOT).replace("upstream_", "").replace('_', '-');
  }

  private static Blamed of(
      Kind kind, Failure failure, Upstream upstream, Endpoint endpoint, String what, String fault) {
    return new Blamed(
        kind,
        failure
            .because("upstream " + upstream.name() + ": " + endpoint.url() + ": " + what)
            .with("upstream", upstream.name())
            .with("endpoint", endpoint.url())
            .with("fault", fault),
        kind != Kind.REFUSED_HERE);
  }
}
