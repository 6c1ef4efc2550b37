package io.tidegate.routing;

import java.net.URI;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicIntegerArray;

/** One server of an upstream, and what this node knows of it. Safe from any thread. */
final class Endpoint {
  private final String url;
  private final String host;
  private final String authority;
  private final int port;
  private final boolean tls;
  private final Breaker breaker;
  private final AtomicIntegerArray inFlight;
  private volatile long avoidUntil;
  private volatile boolean avoided;
  private final AtomicBoolean down = new AtomicBoolean();
  private volatile boolean healthy = true;
  private volatile boolean dropped;

  /**
   * @param url scheme, host and port; checked before
   * @param parts of its connections ({@link Connections})
   */
  Endpoint(String url, Breaker breaker, int parts) {
    URI uri = URI.create(url);
    this.url = url;
    this.host = uri.getHost();
    this.tls = uri.getScheme().equals("https");
    this.port = uri.getPort() > 0 ? uri.getPort() : tls ? 443 : 80;
    this.authority = port == (tls ? 443 : 80) ? host : host + ":" + port;
    this.breaker = breaker;
    this.inFlight = new AtomicIntegerArray(parts);
  }

  String url() {
    return url;
  }

  String host() {
    return host;
  }

  int port() {
    return port;
  }

  /** Host and port as the field Host has them: without the scheme's own port. */
  String authority() {
    return authority;
  }

  boolean tls() {
    return tls;
  }

  Breaker breaker() {
    return breaker;
  }

  /** Requests under way. */
  int inFlight() {
    int sum = 0;
    for (int part = 0; part < inFlight.length(); part++) {
      sum += inFlight.get(part);
    }
    return sum;
  }

  void began(int part) {
    inFlight.incrementAndGet(part);
  }

  void ended(int part) {
    inFlight.decrementAndGet(part);
  }

  /** It could not be reached: other endpoints go first until then. Gives whether that is news. */
  boolean avoidUntil(long nanoTime) {
    avoidUntil = nanoTime;
    avoided = true;
    return down.compareAndSet(false, true);
  }

  boolean isAvoided(long nanoTime) {
    return avoided && nanoTime - avoidUntil < 0;
  }

  /**
   * It answered. Gives whether that is news; not before the time to avoid it is over, so that one
   * that comes and goes does not fill the log.
   */
  boolean reached() {
    if (avoided) {
      avoided = false;
    }
    return down.get() && System.nanoTime() - avoidUntil >= 0 && down.compareAndSet(true, false);
  }

  boolean healthy() {
    return healthy;
  }

  /** What a health check found; gives whether that is news. */
  boolean healthy(boolean now) {
    boolean news = healthy != now;
    healthy = now;
    return news;
  }

  /** No route leads to it any more. */
  void drop() {
    dropped = true;
  }

  boolean isDropped() {
    return dropped;
  }

  @Override
  public String toString() {
    return url;
  }
}
