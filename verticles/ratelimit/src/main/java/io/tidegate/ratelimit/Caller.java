package io.tidegate.ratelimit;

import io.tidegate.ratelimit.LimitsConfig.By;
import org.jspecify.annotations.Nullable;

/**
 * Whom a request counts for. A policy whose subject is null here does not apply to the request.
 *
 * @param writeKey the write key's name, never the key itself: it becomes part of a Redis key
 * @param user the user id of a verified token
 * @param address what the client's address counts as: {@link ClientAddress#subject}
 * @param route the route's or job's name
 */
public record Caller(
    @Nullable String writeKey,
    @Nullable String user,
    @Nullable String address,
    @Nullable String route) {
  /** Whom the request counts for where it is counted so, or null. */
  @Nullable String subject(By by) {
    return switch (by) {
      case WRITE_KEY -> writeKey;
      case USER -> user;
      case ADDRESS -> address;
      case ROUTE -> route;
    };
  }
}
