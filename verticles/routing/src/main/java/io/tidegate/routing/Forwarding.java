package io.tidegate.routing;

import io.tidegate.bus.Trace;
import org.jspecify.annotations.Nullable;

/**
 * What the edge knows about a request and the request itself doesn't say.
 *
 * @param trace sent on to the upstream (with a new span id) and back to the client
 * @param customerId whose request it is, for balancing by customer; null when nobody is signed in
 * @param clientAddress the address of who asked, without port; the peer's, or what a trusted proxy
 *     said of it
 * @param scheme the client's own: {@code http} or {@code https}
 * @param peerTrusted whether the peer is a proxy we trust: its forwarded headers are added to,
 *     anyone else's replaced
 */
public record Forwarding(
    Trace trace,
    @Nullable String customerId,
    String clientAddress,
    String scheme,
    boolean peerTrusted) {}
