package io.tidegate.routing;

import io.netty.handler.ssl.SslHandshakeTimeoutException;
import io.tidegate.bus.Failure;
import io.tidegate.bus.FailureException;
import io.vertx.core.http.ConnectionPoolTooBusyException;
import java.net.ConnectException;
import java.net.UnknownHostException;
import java.util.Locale;
import javax.net.ssl.SSLException;

/**
 * Why an attempt failed, and whose fault it was. What callers see of it names the upstream, but not
 * where its endpoints are: that is for the log.
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
    REFUSED_HERE,
    /** this gateway could not put it on the wire */
    NOT_SENDABLE
  }

  static Blamed whenConnecting(Upstream upstream, Throwable cause) {
    if (cause instanceof ConnectionPoolTooBusyException) {
      return of(
          Kind.REFUSED_HERE,
          Failure.OVERLOADED,
          upstream,
          "all "
              + upstream.settings().connections
              + " connections in use and "
              + upstream.settings().queue
              + " requests waiting",
          "gateway");
    }
    if (cause instanceof IllegalStateException) { // another table of routes is in force
      return of(
          Kind.REFUSED_HERE, Failure.OVERLOADED, upstream, "its connections are closed", "gateway");
    }
    String text = String.valueOf(cause.getMessage()).toLowerCase(Locale.ROOT);
    if ((cause instanceof ConnectException && text.contains("timed out"))
        || cause.getClass().getSimpleName().contains("Timeout")
        || cause.getCause() instanceof SslHandshakeTimeoutException) {
      return of(
          Kind.NOT_CONNECTED,
          Failure.UPSTREAM_TIMEOUT,
          upstream,
          "no connection within " + upstream.settings().connectTimeout.toMillis() + " ms",
          "upstream");
    }
    if (cause instanceof UnknownHostException) {
      return of(Kind.NOT_CONNECTED, Failure.UPSTREAM_REFUSED, upstream, "unknown host", "upstream");
    }
    if (cause instanceof SSLException) {
      return of(
          Kind.NOT_CONNECTED,
          Failure.UPSTREAM_FAILED,
          upstream,
          "TLS handshake failed",
          "upstream");
    }
    return of(
        Kind.NOT_CONNECTED,
        Failure.UPSTREAM_REFUSED,
        upstream,
        "refused the connection",
        "upstream");
  }

  static Blamed beforeAnswer(Upstream upstream, Throwable cause) {
    String what =
        cause instanceof java.io.IOException
            ? "closed the connection before it answered"
            : "did not answer in HTTP: " + cause.getMessage();
    return of(Kind.BROKEN, Failure.UPSTREAM_FAILED, upstream, what, "upstream");
  }

  static Blamed timedOut(Upstream upstream, String what) {
    return of(Kind.TIMED_OUT, Failure.UPSTREAM_TIMEOUT, upstream, what, "upstream");
  }

  /** No connection came free: the endpoint was not even asked. */
  static Blamed waitedInVain(Upstream upstream) {
    return of(
        Kind.REFUSED_HERE,
        Failure.OVERLOADED,
        upstream,
        "all "
            + upstream.settings().connections
            + " connections in use, none free within "
            + upstream.settings().connectTimeout.toMillis()
            + " ms",
        "gateway");
  }

  /** It can't be sent, by the client's fault if it is the head's. */
  static Blamed notSendable(Upstream upstream, Throwable cause) {
    boolean head = cause instanceof IllegalArgumentException;
    return of(
        Kind.NOT_SENDABLE,
        head ? Failure.BAD_REQUEST : Failure.INTERNAL,
        upstream,
        "the request could not be sent: " + cause.getMessage(),
        head ? "client" : "gateway");
  }

  /** {@code BREAKER_OPEN} as {@code breaker-open}. */
  static String word(Failure failure) {
    return failure.name().toLowerCase(Locale.ROOT).replace("upstream_", "").replace('_', '-');
  }

  private static Blamed of(
      Kind kind, Failure failure, Upstream upstream, String what, String fault) {
    return new Blamed(
        kind,
        failure
            .because("upstream " + upstream.name() + ": " + what)
            .with("upstream", upstream.name())
            .with("fault", fault),
        kind != Kind.REFUSED_HERE && kind != Kind.NOT_SENDABLE);
  }
}
