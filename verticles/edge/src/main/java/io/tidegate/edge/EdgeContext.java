package io.tidegate.edge;

import io.micrometer.core.instrument.MeterRegistry;
import io.tidegate.edge.auth.Authenticator;
import io.tidegate.ingestion.EventIntake;
import io.tidegate.profile.ProfileLookup;
import io.tidegate.ratelimit.RateLimiter;
import io.tidegate.routing.Forwarder;
import io.tidegate.routing.Routes;
import java.util.function.Supplier;

/**
 * What the front door works with: the near sides of the four jobs, and what all its event loops
 * share.
 *
 * @param intakes makes an event loop's own; called on that loop
 * @param limiters makes an event loop's own; called on that loop
 * @param load counted over all event loops; one a node
 */
public record EdgeContext(
    Supplier<EventIntake> intakes,
    Supplier<RateLimiter> limiters,
    ProfileLookup profiles,
    Routes routes,
    Forwarder forwarder,
    Authenticator authenticator,
    EdgeLoad load,
    MeterRegistry registry) {}
