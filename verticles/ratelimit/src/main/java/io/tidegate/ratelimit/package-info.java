/**
 * Rate limiting: GCRA in Redis, its quota leased to nodes in pieces so that a warm decision touches
 * no network. Near side {@link io.tidegate.ratelimit.RateLimiter}, far side {@link
 * io.tidegate.ratelimit.RateLimitVerticle}.
 */
@NullMarked
package io.tidegate.ratelimit;

import org.jspecify.annotations.NullMarked;
