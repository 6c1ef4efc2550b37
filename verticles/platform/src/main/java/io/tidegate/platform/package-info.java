/**
 * What every context stands on: checked configuration, guarded clients for Postgres and Redis,
 * migrations, readiness, metrics and the management port. Knows no context.
 */
@NullMarked
package io.tidegate.platform;

import org.jspecify.annotations.NullMarked;
