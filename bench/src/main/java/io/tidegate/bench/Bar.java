package io.tidegate.bench;

import java.util.Locale;

/** What a figure is to reach: section by section, the promises of the gateway's speed. */
enum Bar {
  ROUTED_CPU_NGINX("routed GET", "CPU per request, x nginx", Side.AT_MOST, 1.4),
  ROUTED_CPU_SPRING("routed GET", "CPU per request, x Spring Cloud Gateway", Side.AT_MOST, 0.2),
  ROUTED_RATE("routed GET", "requests/s, x nginx", Side.AT_LEAST, 0.8),
  PROFILE_HIT("profile read, L1 hit", "CPU per request, x bare Vert.x", Side.AT_MOST, 1.6),
  PROFILE_COLD("profile read, all cold", "lookups/s, x pgbench -S", Side.AT_LEAST, 1.0),
  INGEST_SINGLE("ingestion, single events", "requests/s, x bare Vert.x", Side.AT_LEAST, 0.3),
  INGEST_BATCH("ingestion, batches of 100", "events/s, x Kafka's producer", Side.AT_LEAST, 0.4),
  QUOTA_TIME("quota decision, warm", "ns", Side.AT_MOST, 200),
  QUOTA_BYTES("quota decision, warm", "bytes allocated", Side.AT_MOST, 0),
  ROUTE_MATCH("route match, 1,000 routes", "ns", Side.AT_MOST, 500),
  TLS_HANDSHAKES("TLS", "handshakes/s, x nginx", Side.AT_LEAST, 0.8),
  TLS_REQUESTS("TLS, HTTP/2", "requests/s, x nginx", Side.AT_LEAST, 0.8),
  TAIL("half of maximum", "p99, ms", Side.AT_MOST, 5),
  START_CACHED("node start to ready", "s, with an AOT cache", Side.AT_MOST, 1.0),
  START_PLAIN("node start to ready", "s, without", Side.AT_MOST, 3.0),
  MEMORY("memory at full load", "MiB, 10^6 customers known", Side.AT_MOST, 512),
  GROWTH_ROUTES("growth", "CPU per request, 1,000 routes x 10", Side.AT_MOST, 1.1),
  GROWTH_POLICIES("growth", "CPU per request, 10 policies x 1", Side.AT_MOST, 1.1),
  GROWTH_CUSTOMERS("growth", "CPU per request, 10^6 customers x 10^3", Side.AT_MOST, 1.1),
  GROWTH_CONNECTIONS("growth", "CPU per request, 5,000 connections x 64", Side.AT_MOST, 1.1);

  /** Which side of the bar is good. */
  enum Side {
    AT_MOST("<="),
    AT_LEAST(">=");

    private final String sign;

    Side(String sign) {
      this.sign = sign;
    }
  }

  /** Half of the last digit that is shown. */
  private static final double ROUNDING = 0.005;

  private final String work;
  private final String what;
  private final Side side;
  private final double limit;

  Bar(String work, String what, Side side, double limit) {
    this.work = work;
    this.what = what;
    this.side = side;
    this.limit = limit;
  }

  String work() {
    return work;
  }

  String what() {
    return what;
  }

  /** As tables show it, such as {@code <= 1.4}. */
  String text() {
    if (this == QUOTA_BYTES) {
      return "< 1";
    }
    String number =
        limit == Math.rint(limit) && limit >= 2
            ? String.format(Locale.ROOT, "%.0f", limit)
            : String.format(Locale.ROOT, "%.1f", limit);
    return side.sign + " " + number;
  }

  /** Whether a figure clears it. */
  boolean isCleared(double value) {
    return side == Side.AT_MOST ? value < limit + tolerance() : value > limit - tolerance();
  }

  /** No object has less than a byte: that much is what leases cost, a few times a second. */
  private double tolerance() {
    return this == QUOTA_BYTES ? 1 : ROUNDING;
  }
}
