/**
 * Routing: a checked route table from routes.yaml, and a streaming forwarder with balancing,
 * retries and breakers.
 */
@NullMarked
package io.tidegate.routing;

import org.jspecify.annotations.NullMarked;
