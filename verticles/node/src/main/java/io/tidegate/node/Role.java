package io.tidegate.node;

import java.util.Locale;

/**
 * What a node can do; each is one context's verticle. The bus finds who hosts a role by its name.
 */
enum Role {
  /** The front door: HTTP and gRPC. */
  EDGE,
  /** Events to the log. */
  INGESTION,
  /** Events from the log to profiles. */
  PROJECTION,
  /** Route tables from routes.yaml. */
  ROUTING,
  /** Quota from the ledger in Redis. */
  RATELIMIT,
  /** Profiles from Redis and Postgres. */
  PROFILE;

  /** As in channel addresses and configuration. */
  String word() {
    return name().toLowerCase(Locale.ROOT);
  }
}
