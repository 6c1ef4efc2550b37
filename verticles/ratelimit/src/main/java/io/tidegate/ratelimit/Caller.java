package io.tidegate.ratelimit;

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
    @Nullable String route) {}
